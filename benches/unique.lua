-- A path and a query that no two requests share.
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/articles/" .. n .. "?id=" .. n)
end
