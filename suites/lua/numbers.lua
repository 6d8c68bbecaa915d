-- Integers and floats: wrapping, division, conversion, formatting, limits.
print(math.maxinteger, math.mininteger, math.maxinteger + 1 == math.mininteger)
print(7 // 2, -7 // 2, 7 % -3, -7 % 3, 7.5 // 2, -7.5 % 2, 1 / 0, -1 / 0, 0 / 0 ~= 0 / 0)
print(5 // 0.0, -5 // 0.0, 5 % math.huge, -5 % math.huge, pcall(function() return 1 // 0 end))
print(2 ^ 53, 2 ^ 0.5, 10 ^ -3, 1e15, 1e16, 123456789012345678, 0x7fffffffffffffff, 0xffffffffffffffff)
print(3 | 4, 7 & 5, 6 ~ 3, ~0, 1 << 62, 1 << 63, 1 << 64, -1 >> 1, 2 ^ 63 == math.maxinteger + 1.0)
print(tostring(1e100), tostring(0.1), 0.1 + 0.2, 1 / 3, 100.0, -0.0, 1e300 * 1e10)
print(string.format("%d %5d|%-5d|%05d %x %X %o %c", 42, 42, 42, 42, 255, 255, 8, 65))
print(string.format("%f %.3f %10.2f %e %g %g %a", 3.14159, 2.71828, 1.5, 12345.678, 1e20, 0.0001, 1.0))
print(string.format("%q %q %q", 1 / 3, "a\nb\0c", math.mininteger), string.format("%s %10s|%-10s|", "x", "right", "left"))
print(tonumber("0x1p4"), tonumber("  12  "), tonumber("1e1"), tonumber("z", 36), tonumber("8", 8), tonumber("abc"))
print(math.tointeger(3.0), math.tointeger(3.5), math.type(1), math.type(1.0), math.ult(1, -1))
print(math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.abs(math.mininteger), math.max(1, 2.5), math.min(3, -1))
print(math.sin(1), math.cos(1), math.exp(1), math.log(10), math.log(8, 2), math.sqrt(2), math.pi)
print(1 < 1.5, 1 == 1.0, math.maxinteger < math.huge, math.maxinteger + 0.0 == 2 ^ 63, "10" + 5, "0x10" * 2, 10 .. 20)
local sum, product = 0, 1.0
for i = 1, 1000000 do
  sum = sum + i * i % 7
  product = product * (1 + 1 / (i + 1)) % 3
end
print(sum, product)
for x = 1.0, 0, -0.25 do io.write(x, " ") end print()
for i = math.maxinteger - 2, math.maxinteger do io.write(i, " ") end print()
local x = 42
for _ = 1, 300000 do x = (x * 6364136223846793005 + 1442695040888963407) ~ (x >> 13) end
print(x)
