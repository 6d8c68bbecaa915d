-- Tables: arrays, hashes, sorting, moving, metatables, garbage collection.
local t = {}
for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
table.sort(t)
print(t[1], t[50000], t[100000], #t)
table.sort(t, function(a, b) return a % 1000 < b % 1000 or (a % 1000 == b % 1000 and a > b) end)
print(t[1], t[50000], t[100000])
print(table.concat({ 1, 2, 3 }, "-"), select("#", table.unpack({ 1, nil, 3 }, 1, 3)), table.unpack({ 1, 2, 3 }, 2))
print(table.remove(t), table.remove(t, 1), #t, table.insert(t, 1, -1), t[1], #table.move({ 1, 2, 3 }, 1, 3, 3))
print(table.pack(1, nil, 3).n, next({}), rawlen({ 1, 2 }), rawequal(t, t), rawget({ 5 }, 1))
local h = {}
for i = 1, 50000 do h["k" .. i] = i; h[i * 0.5] = i end
for i = 1, 50000, 3 do h["k" .. i] = nil end
local count, sum = 0, 0
for k, v in pairs(h) do count = count + 1; sum = sum + v end
print(count, sum)
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Vector) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a.x < b.x end
Vector.__le = function(a, b) return a.x <= b.x end
Vector.__tostring = function(v) return "(" .. v.x .. ", " .. v.y .. ")" end
Vector.__len = function() return 2 end
Vector.__call = function(v, s) return setmetatable({ x = v.x * s, y = v.y * s }, Vector) end
Vector.__concat = function(a, b) return tostring(a) .. tostring(b) end
Vector.__unm = function(v) return v(-1) end
local a, b = setmetatable({ x = 1, y = 2 }, Vector), setmetatable({ x = 3, y = 4 }, Vector)
print(tostring(a + b), a == b, a < b, a <= b, #a, tostring(a(10)), a .. b, tostring(-a), a ~= a(1))
local log = {}
local proxy = setmetatable({}, { __index = function(_, k) log[#log + 1] = k; return k .. "!" end,
                                 __newindex = function(_, k, v) log[#log + 1] = k .. "=" .. tostring(v) end })
proxy.x = proxy.y
print(table.concat(log, " "), getmetatable("").__index == string, pcall(setmetatable, 1, {}))
local Base = {} Base.__index = Base
function Base.new(c, n) return setmetatable({ name = n }, c) end
function Base:hello() return "hello " .. self.name end
local Derived = setmetatable({}, { __index = Base }) Derived.__index = Derived
function Derived:hello() return Base.hello(self) .. "!" end
print(Base:new("base"):hello(), Derived:new("derived"):hello())
local weak, collected = setmetatable({}, { __mode = "v" }), 0
for i = 1, 100 do weak[i] = setmetatable({}, { __gc = function() collected = collected + 1 end }) end
collectgarbage()
print(#weak, collected, collectgarbage("count") > 0)
for _ = 1, 200 do local garbage = {} for i = 1, 500 do garbage[i] = { i } end end
collectgarbage("generational") collectgarbage("incremental")
do
  local closed = {}
  do local x <close> = setmetatable({}, { __close = function() closed[1] = true end }) end
  print(closed[1], pcall(load, "local c <const> = 1; c = 2"))
end
