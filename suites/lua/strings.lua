-- Strings: patterns, substitution, packing, UTF-8, building.
local text = ("The quick brown fox jumps over the lazy dog. "):rep(200)
print(#text, text:sub(1, 9), text:sub(-5), text:byte(1, 3), text:upper():sub(1, 9), text:reverse():sub(1, 5))
print(text:find("fox"), text:find("f.x", 20), text:find(".", 1, true), text:match("(%a+) dog"), text:find("zebra"))
print(text:gsub("%w+", string.upper, 3):sub(1, 30))
print(select(2, text:gsub("o", "0")), (text:gsub("(%w+) (%w+)", "%2 %1", 1)):sub(1, 20))
print(("key = value; other=thing"):gsub("(%w+)%s*=%s*(%w+)", "%2:%1"))
print(("abc"):gsub("", "-"), ("hello world"):gsub("o", { o = "0" }), ("x"):gsub(".", function() return nil end))
for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end print()
print(("THE (quick) fox"):find("%((%a+)%)"), ("  trim  "):match("^%s*(.-)%s*$") .. "|", ("f(a(b)c)d"):match("%b()"))
print(("THE (quick) fox"):gsub("%f[%a]%a+", "<%0>"), ("2024-05-17"):match("(%d+)-(%d+)-(%d+)"))
local packed = string.pack("<i4 >I2 z s1 d b", -2, 513, "zero", "counted", 1.5, -7)
print(#packed, (packed:gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
print(string.unpack("<i4 >I2 z s1 d b", packed))
print(string.packsize("i4 i8 d"), pcall(string.unpack, "i4", "abc"))
print(utf8.char(72, 228, 8364, 128013), utf8.len("häß€"), #utf8.char(0x10FFFF), utf8.codepoint("€", 1), utf8.len("\xff"))
for p, c in utf8.codes("aé€") do io.write(p, ":", c, " ") end print()
local parts = {}
for i = 1, 20000 do parts[#parts + 1] = ("%d:%s"):format(i, string.char(97 + i % 26)) end
local joined = table.concat(parts, ",")
print(#joined, joined:sub(-12))
local hash = 5381
for i = 1, #joined do hash = (hash * 33 + joined:byte(i)) & 0xffffffff end
print(hash)
local words = {}
for w in text:gmatch("%a+") do words[w:lower()] = (words[w:lower()] or 0) + 1 end
local names = {}
for w in pairs(words) do names[#names + 1] = w end
table.sort(names)
for _, w in ipairs(names) do io.write(w, "=", words[w], " ") end print()
print(("%s"):rep(3, "|"), ("x"):rep(0) == "", ("a,b,,c"):find(",,", 1, true), "\u{48}\x49\74\z
       end", 'a\tb', [[
long]], [==[with ]] inside]==])
local s = ""
for i = 1, 3000 do s = s .. i % 10 end
print(#s, s:sub(1, 20), s < s .. "a", "a" < "B", "Z" < "a")
