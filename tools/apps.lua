--- An application in the page: `::: {.app name="explorer" state="op=conv&f=3"}` around the figure
--- that shows the same state.
---
--- HTML keeps the figure and adds a link that starts the application: in the page where the site
--- carries an export of it, at shinylive.io otherwise. The PDF keeps the figure and adds the address.
--- What exists is written in .cache/apps.json by tools/apps.py.
---
--- Outside Quarto the metadata says what Quarto knows: `lang`, `app-format` (html or typst, where
--- Pandoc's own output format is another) and `site-root`, the way from the page to `_book/`.

local COMMAND = "make demo"
local LONGEST = 2000 -- characters in a link of a PDF

local root = quarto and quarto.project.directory or "."
local tools = quarto and root .. "/tools" or pandoc.path.directory(PANDOC_SCRIPT_FILE)
local words
local lang, format, site_root
local script_needed = true

local function read(path)
  local file = io.open(path, "r")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

local function escape(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub('"', "&quot;"))
end

-- The addresses of an application in a state: the site's own if it carries an export, and one at
-- shinylive.io, which holds the whole application behind its `#`.
local function addresses(app, state)
  local query = state ~= "" and "&" .. state or ""
  local exported = app.exported == true and app.path .. "?lang=" .. lang .. query or nil
  local online = (app.link or {})[lang]
  -- A null of the file is no Lua nil.
  online = type(online) == "string" and online:gsub("#", function() return query .. "#" end, 1) or nil
  return exported, online
end

local function html(name, state, height, app)
  local exported, online = addresses(app, state)
  local command = "<code>" .. COMMAND .. "</code>."
  local elsewhere = online
      and '<a class="app-start" href="' .. escape(online) .. '" rel="external">' .. words["app-open"] .. "</a>"
    or ""
  if not exported and not online then
    return '<p class="app-actions"><small>' .. words["app-run"] .. command .. "</small></p>"
  elseif not exported then
    return '<p class="app-actions">' .. elsewhere .. " <small>" .. words["app-here"] .. command .. "</small></p>"
  end
  local tall = height and ' data-height="' .. escape(height) .. '"' or ""
  local parts = {
    '<p class="app-actions"><a class="app-start" data-frame="' .. escape(words["app-title-" .. name] or name) .. '"' .. tall .. ' href="',
    escape(site_root .. exported) .. '">' .. words["app-start"] .. "</a> <small>" .. words["app-wait"] .. "</small></p>",
    '<p class="app-failed" role="status" hidden>' .. words["app-failed"] .. " " .. elsewhere .. " ",
    words["app-here"] .. command .. "</p>",
  }
  if script_needed then
    script_needed = false
    table.insert(parts, "<script>\n" .. (read(tools .. "/apps.js") or "") .. "</script>")
  end
  return table.concat(parts)
end

local function paper(state, app, site)
  local exported, online = addresses(app, state)
  local address = (exported and type(site) == "string") and (site .. "/" .. exported) or online
  if not address or #address > LONGEST then
    return pandoc.Para({ pandoc.Str(words["app-run"]), pandoc.Code(COMMAND), pandoc.Str(".") })
  end
  local shown = address:match("^%a+://([^/]+)")
  return pandoc.Para({ pandoc.Str(words["app-paper"]), pandoc.Link(shown, address), pandoc.Str(".") })
end

local function meta(doc_meta)
  local function value(key)
    return doc_meta[key] and pandoc.utils.stringify(doc_meta[key]) or nil
  end
  lang = (value("lang") or "es"):match("^%a+")
  words = {}
  for key, word in pairs(pandoc.json.decode(read(tools .. "/words.json"), false).book) do
    words[key] = word[lang]
  end
  format = value("app-format") or FORMAT
  site_root = (quarto and quarto.project.offset or ".") .. "/../"
  if not quarto then
    site_root = value("site-root") or "../"
  end
end

local function div(el)
  if not el.classes:includes("app") then
    return nil
  end
  local name, state = el.attributes.name or "", el.attributes.state or ""
  local height = el.attributes.height
  local text = read(root .. "/.cache/apps.json")
  local book = text and pandoc.json.decode(text, false) or {}
  local app = (book.apps or {})[name] or {}
  el.attributes = {}
  if format:match("html") then
    el.content:insert(pandoc.RawBlock("html", html(name, state, height, app)))
  else
    el.content:insert(paper(state, app, book.site))
  end
  return el
end

return { { Meta = meta }, { Div = div } }
