-- Control: closures, varargs, goto, coroutines, errors, load, recursion.
local function fibonacci(n) if n < 2 then return n end return fibonacci(n - 1) + fibonacci(n - 2) end
print(fibonacci(27))
local function ackermann(m, n)
  if m == 0 then return n + 1 elseif n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end
print(ackermann(2, 200))
local function tail(n, acc) if n == 0 then return acc end return tail(n - 1, acc + n) end
print(tail(1000000, 0))
local function varargs(...) local a, b = ... return select("#", ...), a, b, select(-1, ...) end
print(varargs(1, nil, 3), (varargs(1, 2)), pcall(select, 0))
local counters = {}
for i = 1, 3 do counters[i] = function() i = i + 1 return i end end
print(counters[1](), counters[1](), counters[2](), counters[3]())
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    io.write(i, ",", j, " ")
    ::continue::
  end
end
print()
local function generate(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end return "done" end) end
for i, square in generate(5) do if i == "done" then break end io.write(i, "^2=", square, " ") end
print()
local co = coroutine.create(function(a, b)
  local c = coroutine.yield(a + b)
  local d, e = coroutine.yield(c * 2)
  error({ code = d + e })
end)
print(coroutine.resume(co, 1, 2))
print(coroutine.resume(co, 10))
local ok, err = coroutine.resume(co, 3, 4)
print(ok, err.code, coroutine.status(co), coroutine.resume(co), coroutine.isyieldable())
local function permute(a, n)
  n = n or #a
  if n <= 1 then coroutine.yield(table.concat(a)) end
  for i = 1, n do
    a[n], a[i] = a[i], a[n]
    permute(a, n - 1)
    a[n], a[i] = a[i], a[n]
  end
end
local all = {}
for p in coroutine.wrap(function() permute({ "a", "b", "c", "d" }) end) do all[#all + 1] = p end
print(#all, all[1], all[24])
print(pcall(error, "message"), pcall(error, "level", 0), pcall(error), select("#", pcall(error, nil)))
print(select(2, pcall(function() local x = nil; return x.field end)))
print(select(2, pcall(function() return 1 + {} end)), select(2, pcall(function() return #5 end)))
print(select(2, pcall(function() return "a" < 1 end)), select(2, pcall(function() undefined() end)))
print(xpcall(function() error("inner") end, function(m) return "handled: " .. m end))
print(load("return 1 + 1")(), load("syntax error here"), pcall(load("error('x', 0)")))
print(type(load(function() return nil end)), pcall(string.rep, "x", -1), #arg, ...)
local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
print(deep(10000), pcall(function() local function f() return 1 + f() end return f() end))
local env = setmetatable({}, { __index = _G })
load("x = 5; y = tostring(x)", "chunk", "t", env)()
print(env.x, env.y, x, type(print), assert(1, "unused"), pcall(assert, false, "asserted"))
local i = 0
repeat local j = i; i = i + 1 until j >= 5
while true do i = i + 1 if i > 10 then break end end
print(i, os.time({ year = 2020, month = 1, day = 1, hour = 12 }) - os.time({ year = 2019, month = 1, day = 1, hour = 12 }))
print(string.format("%-20s|", debug.getinfo(1, "S").short_src:match("[^/]*$")), debug.getinfo(fibonacci, "S").linedefined)
