--- An application in the page: `::: {.app name="explorer" state="op=conv&f=3"}` around the figure
--- that shows the same state.
---
--- HTML keeps the figure and adds a link that starts the application: in the page where the site
--- carries an export of it, at shinylive.io otherwise. The PDF keeps the figure and adds the address.
--- What exists is written in .cache/apps.json by tools/apps.py, which also makes the pages that the
--- links lead to. `web/apps.js` starts an application when its link is followed.
---
--- Outside Quarto the metadata says what Quarto knows: `lang`, `app-format` (html or typst, where
--- Pandoc's own output format is another) and `site-root`, the way from the page to `_book/`.

local COMMAND = "make demo"

local root = quarto and quarto.project.directory or "."
local tools = quarto and root .. "/tools" or pandoc.path.directory(PANDOC_SCRIPT_FILE)
local common = dofile(tools .. "/source/filters.lua")
local escape = common.escape
local words
local lang, format, site_root

-- Where an application is opened in a state, below the book's folder.
local function address(name, page, state)
  return "apps/" .. name .. "/" .. page .. ".html?lang=" .. lang .. (state ~= "" and "&" .. state or "")
end

-- What a link or a sentence says, for this application if it has words of its own.
local function word(key, name)
  return words[key .. "-" .. name] or words[key]
end

local function html(name, state, height, app)
  local command = "<code>" .. COMMAND .. "</code>."
  local function link(page, key, more)
    local href = escape(site_root .. address(name, page, state))
    return '<a class="app-start" href="' .. href .. '"' .. more .. ">" .. word(key, name) .. "</a> "
  end
  local elsewhere = app.online and link("online", "app-open", ' rel="external"') or ""
  if not app.exported then
    local key = app.online and "app-here" or "app-run"
    return '<p class="app-actions">' .. elsewhere .. "<small>" .. word(key, name) .. command .. "</small></p>"
  end
  if quarto then
    quarto.doc.add_html_dependency({ name = "apps", scripts = { { path = "web/apps.js", afterBody = true } } })
  end
  local frame = ' data-frame="' .. escape(words["app-title-" .. name] or name) .. '"'
  if height then
    frame = frame .. ' data-height="' .. escape(height) .. '"'
  end
  return table.concat({
    '<p class="app-actions">' .. link("index", "app-start", frame),
    "<small>" .. words["app-wait"] .. "</small></p>",
    '<p class="app-failed" role="status" hidden="">',
    '<span class="app-disk" hidden="">' .. words["app-disk"] .. "</span> ",
    '<span class="app-missing" hidden="">' .. words["app-missing"] .. "</span> ",
    elsewhere .. words["app-here"] .. command .. "</p>",
  })
end

local function paper(name, state, app, site)
  local page = app.exported and "index" or app.online and "online"
  if not page or type(site) ~= "string" then
    return pandoc.Para({ pandoc.Str(words["app-run"]), pandoc.Code(COMMAND), pandoc.Str(".") })
  end
  local shown = site:match("^%a+://([^/]+)")
  local link = pandoc.Link(shown, site .. "/" .. address(name, page, state))
  return pandoc.Para({ pandoc.Str(words["app-paper"]), link, pandoc.Str(".") })
end

local function meta(doc_meta)
  local value = common.entries(doc_meta)
  lang, words = common.words(doc_meta, tools)
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
  local book = common.json(root .. "/.cache/apps.json") or {}
  local app = (book.apps or {})[name] or {}
  el.attributes = {}
  if format:match("html") then
    el.content:insert(pandoc.RawBlock("html", html(name, state, height, app)))
  else
    el.content:insert(paper(name, state, app, book.site))
    return el.content -- in a block of its own a figure could not go to the next page
  end
  return el
end

return { { Meta = meta }, { Div = div } }
