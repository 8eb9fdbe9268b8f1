--- What a line must not break at, so that authors need not write it: the spaces of `3 × 3` and of
--- `12 288`, and on a page the place between a formula and the punctuation after it.

local NBSP = "\u{a0}"

local function sticks(before, after)
  return before:match("×$")
    or after:match("^×")
    or (before:match("%f[%w]%d%d?%d?$") and after:match("^%d%d%d%f[%D]"))
end

local function spaces(inlines)
  for i = 2, #inlines - 1 do
    local before, space, after = inlines[i - 1], inlines[i], inlines[i + 1]
    if (space.t == "Space" or space.t == "SoftBreak") and before.t == "Str" and after.t == "Str" then
      if sticks(before.text, after.text) then
        inlines[i] = pandoc.Str(NBSP)
      end
    end
  end
  return inlines
end

--- MathML is one object to a browser, which may break the line right after it.
local function punctuation(inlines)
  local result = pandoc.Inlines({})
  for _, inline in ipairs(inlines) do
    local last = result[#result]
    local mark = inline.t == "Str" and inline.text:match("^[.,;:!?)»”%]]+")
    if mark and last and last.t == "Math" and last.mathtype == "InlineMath" then
      result:remove()
      result:insert(pandoc.Span({ last, pandoc.Str(mark) }, pandoc.Attr("", { "together" })))
      inline = pandoc.Str(inline.text:sub(#mark + 1))
    end
    if inline.t ~= "Str" or inline.text ~= "" then
      result:insert(inline)
    end
  end
  return result
end

return {
  {
    Inlines = function(inlines)
      inlines = spaces(inlines)
      return FORMAT:match("html") and punctuation(inlines) or inlines
    end,
  },
}
