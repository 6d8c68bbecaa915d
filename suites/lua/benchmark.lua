-- Work: n-body, spectral norm, sieve, matrix, queens, mandelbrot, heap, brackets, LZW, binary trees.
local function nbody(steps)
  local b = { { 0, 0, 0, 0, 0, 0, 39.47 }, { 4.84, -1.16, -0.10, 0.6, 2.8, -0.02, 0.037 },
              { 8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011 }, { 12.89, -15.11, -0.22, 1.08, 0.86, -0.01, 0.0017 } }
  for _ = 1, steps do
    for i = 1, #b do
      local p = b[i]
      for j = i + 1, #b do
        local q = b[j]
        local dx, dy, dz = p[1] - q[1], p[2] - q[2], p[3] - q[3]
        local d = dx * dx + dy * dy + dz * dz
        local m = 0.01 / (d * math.sqrt(d))
        for k, v in ipairs({ dx, dy, dz }) do
          p[k + 3] = p[k + 3] - v * q[7] * m
          q[k + 3] = q[k + 3] + v * p[7] * m
        end
      end
    end
    for i = 1, #b do for k = 1, 3 do b[i][k] = b[i][k] + 0.01 * b[i][k + 3] end end
  end
  return ("%.9f"):format(b[1][1] + b[2][2] + b[3][3])
end
local function sieve(n)
  local composite, count = {}, 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return count
end
local function matrix(n)
  local a, b, trace = {}, {}, 0
  for i = 1, n do
    a[i], b[i] = {}, {}
    for j = 1, n do a[i][j], b[i][j] = (i * j) % 7 - 3, (i + 2 * j) % 5 - 2 end
  end
  for i = 1, n do
    for j = 1, n do
      local s = 0
      for k = 1, n do s = s + a[i][k] * b[k][j] end
      if i == j then trace = trace + s end
    end
  end
  return trace
end
local function queens(n, row, columns, up, down)
  if row > n then return 1 end
  local ways = 0
  for c = 1, n do
    if not (columns[c] or up[row + c] or down[row - c]) then
      columns[c], up[row + c], down[row - c] = true, true, true
      ways = ways + queens(n, row + 1, columns, up, down)
      columns[c], up[row + c], down[row - c] = nil, nil, nil
    end
  end
  return ways
end
local function mandelbrot(n)
  local inside = 0
  for y = 0, n - 1 do
    for x = 0, n - 1 do
      local cr, ci, zr, zi, i = 3 * x / n - 2, 2 * y / n - 1, 0.0, 0.0, 0
      while i < 50 and zr * zr + zi * zi < 4 do zr, zi, i = zr * zr - zi * zi + cr, 2 * zr * zi + ci, i + 1 end
      if i == 50 then inside = inside + 1 end
    end
  end
  return inside
end
local function heap(n)
  local h, size, seed, sum = {}, 0, 42, 0
  for _ = 1, n do
    seed = (seed * 1103515245 + 12345) % 2147483648
    size = size + 1
    local i = size
    while i > 1 and h[i // 2] > seed do h[i] = h[i // 2]; i = i // 2 end
    h[i] = seed
  end
  for k = 1, n do
    sum = (sum * 31 + h[1] + k) % 1000000007
    local last, i = h[size], 1
    size = size - 1
    while 2 * i <= size do
      local c = 2 * i
      if c < size and h[c + 1] < h[c] then c = c + 1 end
      if last <= h[c] then break end
      h[i] = h[c]
      i = c
    end
    h[i] = last
  end
  return sum
end
local function lzw(text)
  local dictionary, nextcode, w, out, sum = {}, 256, "", 0, 0
  for i = 0, 255 do dictionary[string.char(i)] = i end
  for c in text:gmatch(".") do
    local wc = w .. c
    if dictionary[wc] then
      w = wc
    else
      out, sum = out + 1, (sum * 17 + dictionary[w]) % 1000003
      dictionary[wc] = nextcode
      nextcode, w = nextcode + 1, c
    end
  end
  return out + 1, sum
end
local function tree(d) if d == 0 then return {} end return { tree(d - 1), tree(d - 1) } end
local function check(t) return t[1] and 1 + check(t[1]) + check(t[2]) or 1 end
print("nbody", nbody(20000))
print("sieve", sieve(500000))
print("matrix", matrix(100))
print("queens", queens(8, 1, {}, {}, {}))
print("mandelbrot", mandelbrot(120))
print("heap", heap(60000))
print("lzw", lzw(("abracadabra alakazam "):rep(3000)))
print("trees", check(tree(15)))
