--- Every page leads to the same page in the other language, to its notebook and to the PDF.
---
--- Quarto only; the built-in renderer's template does the same. Sources are `index.qmd` and
--- `chapters/es/pooling.qmd`, their counterparts `index.en.qmd` and `chapters/en/pooling.qmd`, and
--- the editions stand side by side, so an address follows from the path.

local OTHER = { es = "en", en = "es" }

local function read(path)
  local file = io.open(quarto.project.directory .. "/" .. path, "r")
  local text = file and file:read("a")
  if file then
    file:close()
  end
  return text
end

local function html(doc)
  if not quarto.doc.is_format("html") then
    return nil
  end
  local words = pandoc.json.decode(read("tools/words.json"), false).book
  local lang = pandoc.utils.stringify(doc.meta.lang or "es")
  local other = OTHER[lang]
  local offset = quarto.project.offset
  local source = pandoc.path.make_relative(quarto.doc.input_file, quarto.project.directory)
  local stem = pandoc.path.split_extension(pandoc.path.filename(source))
  local chapter = source:match("^chapters/")
  local function page(of)
    return of .. "/" .. (chapter and "chapters/" .. of .. "/" .. stem or "index") .. ".html"
  end

  local book = doc.meta.book or {}
  local site = book["site-url"] and pandoc.utils.stringify(book["site-url"]):gsub("/$", "") .. "/"
    or offset .. "/../"
  local head = {}
  for _, of in ipairs({ "es", "en" }) do
    table.insert(head, ('<link rel="alternate" hreflang="%s" href="%s">'):format(of, site .. page(of)))
  end
  quarto.doc.include_text("in-header", table.concat(head, "\n"))
  quarto.doc.add_html_dependency({
    name = "book",
    scripts = {
      { path = "page.js", afterBody = true },
      { path = "../web/scrolling.js", afterBody = true },
    },
  })

  local links = {
    ('<a class="switch-language" lang="%s" hreflang="%s" rel="alternate" href="%s">%s</a>'):format(
      other, other, offset .. "/../" .. page(other), words.language[other]
    ),
  }
  -- A chapter with cells has a notebook.
  if (read(source) or ""):find("\n```{python}", 1, true) then
    -- Quarto would look for a source of that name to render.
    table.insert(links, ('<a href="%s.ipynb" download data-noresolveinput>%s</a>'):format(
      chapter and stem or "index", words.notebook[lang]))
  end
  local pdf = book["output-file"] and pandoc.utils.stringify(book["output-file"]) or "cnnlayers-" .. lang
  table.insert(links, ('<a href="%s/%s.pdf">%s</a>'):format(offset, pdf, words.pdf[lang]))
  local nav = ('<nav class="page-links" aria-label="%s">%s</nav>'):format(
    words["this-page"][lang], table.concat(links, " "))
  doc.blocks:insert(1, pandoc.RawBlock("html", nav))
  return doc
end

--- In the PDF the chapters are one document: a link to a chapter's file is a link to its heading.
local function link(el)
  if not quarto.doc.is_format("typst") then
    return nil
  end
  local name, label = el.target:match("([%w-]+)[%w.-]*%.qmd#?(.*)$")
  if not name or el.target:match("^%a+://") then
    return nil
  end
  name = name == "index" and "preface" or name
  el.target = "#" .. (label ~= "" and label or "sec-" .. name)
  return el
end

--- A figure is fetched when the reader comes near it.
local function image(el)
  if quarto.doc.is_format("html") then
    el.attributes.loading = "lazy"
    return el
  end
end

return { { Pandoc = html }, { Link = link, Image = image } }
