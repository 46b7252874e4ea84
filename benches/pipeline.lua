-- 16 requests in one packet.
init = function(args)
  local batch = {}
  for i = 1, 16 do batch[i] = wrk.format("GET", "/") end
  request16 = table.concat(batch)
end
request = function() return request16 end
