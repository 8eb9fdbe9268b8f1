--- An exercise, `::: {#exr-NAME}`, as pages and paper show it: the code to start from, the call that
--- checks the answer, a button to the workbench, hints, a grid for numbers; and, on paper, the
--- solutions at the end of the book.
---
--- Runs on the chapter as its author wrote it: in Quarto before everything else (`at: pre-ast`), in
--- the built-in renderer as it reads (there the format is json, and what one format alone shows is
--- marked with classes that begin with the metadata's `made`). What exercises are is written in
--- .cache/exercises.json by tools/exercises.py.

local root = quarto and quarto.project.directory or "."
local tools = quarto and root .. "/tools" or pandoc.path.directory(PANDOC_SCRIPT_FILE)
local common = dofile(tools .. "/source/filters.lua")
local escape = common.escape
local words, lang, made
local book = {}
local has_exercise, has_solution = false, false

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function meta(doc_meta)
  lang, words = common.words(doc_meta, tools)
  made = common.entries(doc_meta)("made")
  book = common.json(root .. "/.cache/exercises.json") or book
end

--- Add blocks that one format alone shows, "html" or "typst".
local function only(format, target, blocks)
  if FORMAT == "json" then
    target:insert(pandoc.Div(blocks, pandoc.Attr("", { made .. "-" .. format })))
  elseif FORMAT:match(format) then
    target:extend(blocks)
  end
end

local function raw(format, text)
  return pandoc.RawBlock(format, text)
end

--- Hints one in the other: the plain one is reached through the vague one.
local function hints(texts)
  local blocks = pandoc.Blocks({})
  for number, text in ipairs(texts) do
    local summary = #texts > 1 and words.hint .. " " .. number or words.hint
    blocks:insert(raw("html", '<details class="exercise-hint"><summary>' .. summary .. "</summary>"))
    blocks:extend(pandoc.read(text, "markdown").blocks)
  end
  for _ in ipairs(texts) do
    blocks:insert(raw("html", "</details>"))
  end
  return blocks
end

--- Empty cells to write numbers into.
local function empty(questions)
  local rows = {}
  for _, question in ipairs(questions) do
    local shape = type(question.shape) == "table" and question.shape or { 0, 0 }
    table.insert(rows, ("(%s, %d, %d),"):format(quoted(question.name), shape[1], shape[2]))
  end
  return raw("typst", "#exercise-pencil((" .. table.concat(rows, " ") .. "))")
end

local function exercise(el, about)
  local said = about[lang]
  has_exercise = true
  if about.questions then
    el.content:insert(pandoc.Para(pandoc.Str(said.about)))
    local data = '<div class="exercise-pencil" data-pencil="' .. escape(said.pencil) .. '"></div>'
    only("html", el.content, { raw("html", data) })
    only("typst", el.content, { empty(about.questions) })
  end
  if said.listing ~= "" then
    el.content:insert(pandoc.CodeBlock(said.listing, pandoc.Attr("", { "python" })))
  end
  if said.stub ~= "" and book.workbench then
    local state = { name = "workbench", state = "exercise=" .. el.identifier:sub(5) }
    only("html", el.content, { pandoc.Div({}, pandoc.Attr("", { "app" }, state)) })
  end
  if #said.hints > 0 then
    only("html", el.content, hints(said.hints))
  end
end

local function is_solution(el)
  local title = el.t == "Div" and el.classes[1] == "callout-tip" and el.content[1]
  return title and title.t == "Header" and pandoc.utils.stringify(title) == words.solution
end

--- On paper a solution is set where #exercise-solutions stands. The built-in renderer, which makes
--- its PDF of the same tree as its pages, is told whose it is.
local function solution(el, of, result)
  if FORMAT == "json" then
    el.attributes.solution = of.identifier
  elseif FORMAT:match("typst") then
    has_solution = true
    local name = of.content[1]
    local label = of.identifier:gsub("^e", "E") -- for a word that begins with a capital
    local title = pandoc.Inlines({
      pandoc.Cite(pandoc.Str("@" .. label), { pandoc.Citation(label, "AuthorInText") }),
    })
    if name and name.t == "Header" then
      title:extend({ pandoc.Space(), pandoc.Str("(") })
      title:extend(name.content)
      title:insert(pandoc.Str(")"))
    end
    local equations = 0
    el:walk({
      Str = function(word)
        equations = equations + (word.text:match("^{#eq%-") and 1 or 0)
      end,
    })
    local start = ("#exercise-solution(<%s>, %s, %s, equations: %d, ["):format(
      of.identifier, quoted(words["solution-page"]), quoted(words["exercise-page"]), equations
    )
    el.content:remove(1)
    result:insert(raw("typst", start))
    result:insert(pandoc.Plain(title))
    result:insert(raw("typst", "], ["))
    result:extend(el.content)
    result:insert(raw("typst", "])"))
    return
  end
  result:insert(el)
end

local function blocks(list)
  local result = pandoc.Blocks({})
  for position, el in ipairs(list) do
    local before = list[position - 1]
    if before and before.t == "Div" and before.identifier:match("^exr%-") and is_solution(el) then
      solution(el, before, result)
    else
      result:insert(el)
    end
  end
  for _, el in ipairs(list) do
    local about = el.t == "Div" and (book.exercises or {})[el.identifier:match("^exr%-(.+)$")]
    if about then
      exercise(el, about)
    end
  end
  return result
end

local function document(doc)
  if FORMAT == "json" then -- what this filter was told is no metadata of the chapter's
    doc.meta.lang, doc.meta.made = nil, nil
  end
  if quarto and has_exercise and FORMAT:match("html") then
    quarto.doc.add_html_dependency({
      name = "exercises",
      scripts = { { path = tools .. "/web/exercises.js", afterBody = true } },
      stylesheets = { tools .. "/web/exercises.css" },
    })
  end
  if quarto and has_solution then
    local attr = pandoc.Attr("sec-solutions", { "unnumbered" })
    doc.blocks:insert(pandoc.Header(1, words.solutions, attr))
    doc.blocks:insert(raw("typst", "#exercise-solutions()"))
  end
  return doc
end

return { { Meta = meta }, { Blocks = blocks }, { Pandoc = document } }
