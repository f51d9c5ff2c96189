-- One App Key's limits, as scope.go and local.go keep them for one process: one script, so that every decision is atomic, on
-- the server's clock, so that no two processes disagree about the time. Times are microseconds.
--
-- KEYS  1 the App Key's state   2 its ring      3 the API's state   4 its ring
--       5 the day's counts      6 the server's run that the rings are good for
-- ARGV  1 operation   2 API   3 settling time
--       4-7  the App Key's calls, window, spacing, calls a day
--       8-11 the API's, 12 whether it has a limit of its own
--       13.. the operation's own
-- Reply: see redis.go.
local DAY, ZONE = 86400000000, 28800000000
local KEEP = 172800 -- Seconds. State that nobody touched for two days says nothing any more.
local PACED, BANNED, SPENT, EXHAUSTED, SETTLING = 1, 2, 3, 4, 5
local APP, ONE = 0, 1

local op, api, settle = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local day = math.floor((now + ZONE) / DAY)
local midnight = (day + 1) * DAY - ZONE

local function whole(x) return string.format('%.0f', x) end

local function put(key, ...)
  redis.call('HSET', key, ...)
  redis.call('EXPIRE', key, KEEP)
end

local function scope(state, ring, at, own)
  local h = redis.call('HMGET', state, 'next', 'rate', 'stepped', 'ban', 'shut')
  local s = {
    state = state, ring = ring, own = own,
    calls = tonumber(ARGV[at]), window = tonumber(ARGV[at + 1]), spacing = tonumber(ARGV[at + 2]), perday = tonumber(ARGV[at + 3]),
    next = tonumber(h[1] or 0), rate = tonumber(h[2] or 1), stepped = tonumber(h[3] or 0),
    ban = tonumber(h[4] or 0), shut = tonumber(h[5] or 0),
  }
  s.paced = s.spacing > 0 and (own or s.rate < 1)
  s.every = s.paced and math.ceil(s.spacing / s.rate) or 0
  if not own then s.calls = 0 end
  return s
end

local app, one = scope(KEYS[1], KEYS[2], 4, true), scope(KEYS[3], KEYS[4], 8, ARGV[12] == '1')
app.index, one.index = APP, ONE

-- A server that was restarted, or replaced by its replica, may have lost the last departures, and one that was never asked has none:
-- nothing leaves until they could not count any more. The same holds for a process that comes back after going on alone.
local known = redis.call('HMGET', KEYS[6], 'run', 'until')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?'
local hold = tonumber(known[2] or 0)
if known[1] ~= run then
  hold = now + settle
  put(KEYS[6], 'run', run, 'until', whole(hold))
elseif op == 'rejoin' then
  hold = math.max(hold, now + settle)
  put(KEYS[6], 'until', whole(hold))
elseif hold > now + settle then
  hold = 0 -- The clock went back.
end

local counts = redis.call('HMGET', KEYS[5], 'day', 'app', 'api:' .. api)
local used, usedone = tonumber(counts[2] or 0), tonumber(counts[3] or 0)
if tonumber(counts[1] or 0) < day then used, usedone = 0, 0 end

local function reply(granted, wait, cause, about, probe)
  local strained = app.rate < 1 or app.shut > 0 or one.rate < 1 or one.shut > 0
  return {
    granted and 1 or 0, math.ceil(wait), cause or 0, about or 0, probe and 1 or 0, app.every, one.every, strained and 1 or 0, now,
    math.floor(app.rate * 1000000 + 0.5), math.max(app.ban - now, 0), math.max(app.shut - now, 0), used, usedone,
  }
end

local function putcounts(...)
  if tonumber(counts[1] or 0) < day then redis.call('DEL', KEYS[5]) end
  put(KEYS[5], 'day', whole(day), ...)
end

-- What has nothing to do with spacing: why nothing may leave now.
local function closed(probe)
  if hold > now then return reply(false, hold - now, SETTLING, APP) end
  for _, s in ipairs({app, one}) do
    local n = s == app and used or usedone
    if s.perday > 0 and n >= s.perday then return reply(false, midnight - now, SPENT, s.index) end
    if s.ban > now then return reply(false, s.ban - now, BANNED, s.index) end
    if s.shut > now and not probe then return reply(false, s.shut - now, EXHAUSTED, s.index) end
  end
end

-- How long there must be no departure, so that no window holds more than the limit.
local function ringwait(s)
  if s.calls == 0 then return 0 end
  local newest = tonumber(redis.call('LINDEX', s.ring, 0) or 0)
  if newest > now + 1000 then -- The clock went back: what left before is taken to have left now.
    redis.call('DEL', s.ring)
    for _ = 1, s.calls do redis.call('LPUSH', s.ring, whole(now)) end
  end
  local oldest = redis.call('LINDEX', s.ring, s.calls - 1)
  if not oldest then return 0 end
  return math.max(oldest + s.window - now, 0)
end

local function record(s)
  if s.calls == 0 then return end
  redis.call('LPUSH', s.ring, whole(now))
  redis.call('LTRIM', s.ring, 0, s.calls - 1)
  redis.call('EXPIRE', s.ring, KEEP)
end

local operations = {}

function operations.reserve()
  if app.perday > 0 and used >= app.perday then return reply(false, midnight - now, SPENT, APP) end
  if app.shut > now then return reply(false, app.shut - now, EXHAUSTED, APP) end
  local slot = math.max(now, app.ban, hold)
  if app.paced then
    if app.next > slot + 1000 * app.every then app.next = slot end -- The clock went back.
    slot = math.max(slot, app.next)
    put(app.state, 'next', whole(slot + app.every))
  end
  return reply(true, slot - now)
end

function operations.take()
  local refused = closed(false)
  if refused then return refused end
  local wait = ringwait(one)
  if wait == 0 and one.paced and ARGV[13] ~= '1' then
    wait = math.max(one.next - now, 0)
    -- One turn behind its pace can be caught up with, since turns have to meet slots.
    if wait > 0 and wait < 1000 * one.every then return reply(false, wait, PACED, ONE) end
    put(one.state, 'next', whole(math.max(one.next, now - one.every) + one.every))
  elseif wait > 0 then
    return reply(false, wait, PACED, ONE)
  end
  local probe = false
  for _, s in ipairs({app, one}) do
    if s.shut > 0 then
      probe = true
      put(s.state, 'shut', whole(now + tonumber(ARGV[14])))
    end
  end
  return reply(true, 0, 0, 0, probe)
end

-- The process may know of more departures than a server that lost some.
local function heal()
  if tonumber(ARGV[14]) == day then
    used, usedone = math.max(used, tonumber(ARGV[15])), math.max(usedone, tonumber(ARGV[16]))
  end
end

function operations.depart()
  heal()
  local refused = closed(ARGV[13] == '1')
  if refused then return refused end
  for _, s in ipairs({app, one}) do
    local wait = ringwait(s)
    if wait > 0 then return reply(false, wait, PACED, s.index) end
  end
  record(app)
  record(one)
  used, usedone = used + 1, usedone + 1
  putcounts('app', whole(used), 'api:' .. api, whole(usedone))
  return reply(true, 0)
end

function operations.throttled()
  local s = ARGV[13] == '1' and one or app
  s.ban = math.max(s.ban, now + tonumber(ARGV[14]))
  put(s.state, 'ban', whole(s.ban))
  if tonumber(ARGV[15]) > s.stepped then
    s.rate = math.max(s.rate * tonumber(ARGV[16]), tonumber(ARGV[17]))
    put(s.state, 'rate', string.format('%.6f', s.rate), 'stepped', whole(now))
  end
  return reply(true, 0)
end

function operations.usedup()
  local s = ARGV[13] == '1' and one or app
  local after = tonumber(ARGV[14])
  s.shut = after > 0 and now + after or midnight
  put(s.state, 'shut', whole(s.shut))
  return reply(true, 0)
end

function operations.accepted()
  for _, s in ipairs({app, one}) do
    if ARGV[14] == '1' and s.shut > 0 then
      s.shut = 0
      redis.call('HDEL', s.state, 'shut')
    end
    if s.rate < 1 and tonumber(ARGV[15]) > s.stepped then
      local calls = math.max(tonumber(ARGV[s == app and 4 or 8]), 1)
      s.rate = math.min(s.rate + tonumber(ARGV[16]) / calls, 1)
      put(s.state, 'rate', string.format('%.6f', s.rate))
    end
  end
  return reply(true, 0)
end

-- What a process let go while it went on alone counts too.
function operations.add()
  heal()
  local n = tonumber(ARGV[13])
  if api == '' then
    putcounts('app', whole(used + n))
  else
    putcounts('api:' .. api, whole(usedone + n))
  end
  return reply(true, 0)
end

function operations.rejoin() return reply(true, 0) end

function operations.state() return reply(true, 0) end

return operations[op]()
