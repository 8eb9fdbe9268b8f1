--- What the filters of both renderers need: files, HTML, the words of the interface.

local common = {}

function common.read(path)
  local file = io.open(path, "r")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

--- A file that the tools wrote as JSON; nothing if there is none.
function common.json(path)
  local text = common.read(path)
  return text and pandoc.json.decode(text, false)
end

function common.escape(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub('"', "&quot;"))
end

--- A function that gives the text of an entry of the metadata.
function common.entries(meta)
  return function(key)
    return meta[key] and pandoc.utils.stringify(meta[key]) or nil
  end
end

--- The language of a document and the book's words in it.
function common.words(meta, tools)
  local lang = (common.entries(meta)("lang") or "es"):match("^%a+")
  local words = {}
  for key, word in pairs(common.json(tools .. "/words.json").book) do
    words[key] = word[lang]
  end
  return lang, words
end

return common
