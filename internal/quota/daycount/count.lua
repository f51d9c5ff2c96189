-- A name's calls by China's day. The server's clock decides, so that all processes agree about the day.
--
-- KEYS  1 the name's counts: a hash with a field for each day
-- ARGV  1 most calls of the day, or 0 to count none   2 calls that the process counted and the server did not, on   3 this day
--       4 the least number of the day's calls that the process knows of
-- Reply: whether a call was counted, the day, its calls.
local clock = redis.call('TIME')
local day = math.floor((clock[1] + 28800) / 86400)
local field = string.format('%.0f', day)
local used = tonumber(redis.call('HGET', KEYS[1], field) or 0)
if tonumber(ARGV[3]) == day then used = math.max(used, tonumber(ARGV[4])) + tonumber(ARGV[2]) end
local granted = 0
if used < tonumber(ARGV[1]) then granted, used = 1, used + 1 end
-- The days beside it stay: a clock that was wrong and is corrected finds the old count.
for _, other in ipairs(redis.call('HKEYS', KEYS[1])) do
  if math.abs(tonumber(other) - day) > 1 then redis.call('HDEL', KEYS[1], other) end
end
redis.call('HSET', KEYS[1], field, string.format('%.0f', math.max(used, 0)))
redis.call('EXPIRE', KEYS[1], 172800)
return {granted, day, used}
