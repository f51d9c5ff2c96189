-- The limits of one App Key for all processes, as limitstate.go and local.go keep them for one process. One script, so that
-- every decision is atomic. It uses the server's clock, so that all processes agree about the time. Times are microseconds.
--
-- KEYS  1 the App Key's state   2 its slots     3 the API's state   4 its slots
--       5 the days' counts      6 the server run in which the slots were reserved, and the learned margin
-- ARGV  1 operation   2 API   3 settling time
--       4-6  the App Key's calls, window, calls a day
--       7-9  the API's calls, window, calls a day; 10 whether it has a limit of its own
--       11   the least margin
--       12.. the operation's arguments
-- Reply: see redis.go. Local names are those of the Go code. Stored fields have older names: "stepped", "shut" (exhausted),
-- "taught" (learnedAt), "until" (settleUntil).
local DAY, ZONE = 86400000000, 28800000000
local KEEP = 172800 -- Seconds. State that was unused for two days is no longer needed.
local KEEP_MARGIN = 60 * 86400 -- Seconds. By then the learned margin is halved to nothing.
local KEEP_DAYS = 10 -- By number and not by the clock, which may be wrong.
local PACED, BANNED, DAILY_LIMIT, EXHAUSTED, SETTLING = 1, 2, 3, 4, 5
local APP, API = 0, 1

local op, api, settle = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local day = math.floor((now + ZONE) / DAY)
local midnight = (day + 1) * DAY - ZONE

local function integer(x) return string.format('%.0f', x) end

local function put(key, ...)
  redis.call('HSET', key, ...)
  redis.call('EXPIRE', key, KEEP)
end

-- The learned margin halves each day, as in margin.go.
local learned = redis.call('HMGET', KEYS[6], 'excess', 'taught')
local least, excess, learnedAt = tonumber(ARGV[11]), tonumber(learned[1] or 0), tonumber(learned[2] or 0)
local margin = least + excess * math.pow(2, -math.max(now - learnedAt, 0) / DAY)

local function limitState(key, slots, at, own)
  local h = redis.call('HMGET', key, 'next', 'rate', 'stepped', 'ban', 'shut')
  local s = {
    key = key, slots = slots, own = own,
    calls = tonumber(ARGV[at]), window = tonumber(ARGV[at + 1]), perDay = tonumber(ARGV[at + 2]),
    next = tonumber(h[1] or 0), rate = tonumber(h[2] or 1), stepped = tonumber(h[3] or 0),
    ban = tonumber(h[4] or 0), exhausted = tonumber(h[5] or 0), spacing = 0,
  }
  if s.calls > 0 and (own or s.rate < 1) then
    s.spacing = math.ceil(s.window / s.calls / (1 - margin) / s.rate - 0.000001)
  end
  s.hasHistory = own and s.calls > 0
  s.guard = math.ceil(s.window * (1 + 0.75 * margin / (1 - margin)) - 0.000001)
  return s
end

local app, apiState = limitState(KEYS[1], KEYS[2], 4, true), limitState(KEYS[3], KEYS[4], 7, ARGV[10] == '1')
app.scope, apiState.scope = APP, API

-- A server that was restarted, or replaced by its replica, may have lost the last slots, and a new server has none. No call
-- is sent until they could not count any more. The same holds after a process went on without the server.
local known = redis.call('HMGET', KEYS[6], 'run', 'until')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?'
local settleUntil = tonumber(known[2] or 0)
if settleUntil > now + settle then settleUntil = 0 end -- The clock was set back since.
local function settleNow(...)
  settleUntil = now + settle
  redis.call('HSET', KEYS[6], 'until', integer(settleUntil), ...)
  redis.call('EXPIRE', KEYS[6], KEEP_MARGIN)
end
if known[1] ~= run then settleNow('run', run) elseif op == 'rejoin' then settleNow() end

-- Slots are reserved at most `ahead` ahead. A slot that is further ahead comes from before the clock was set back, and the
-- stored times are ahead by as much as the clock went back.
local function correctClock(s, ahead)
  local newest = tonumber(redis.call('ZREVRANGE', s.slots, 0, 0, 'WITHSCORES')[2] or 0)
  local back = math.max(newest - now, s.next - now - s.spacing) - ahead
  if back <= 0 then return end
  redis.call('DEL', s.slots)
  s.next, s.stepped = now, math.min(s.stepped, now)
  s.ban, s.exhausted = math.max(s.ban - back, 0), math.max(s.exhausted - back, 0)
  put(s.key, 'next', integer(s.next), 'stepped', integer(s.stepped), 'ban', integer(s.ban), 'shut', integer(s.exhausted))
  settleNow()
end

local used, usedAPI = 0, 0
local function count(name) return tonumber(redis.call('HGET', KEYS[5], integer(day) .. name) or 0) end
used, usedAPI = count(':app'), count(':api:' .. api)

local function reply(granted, wait, cause, scope, slot)
  slot = slot or {}
  local degraded = app.rate < 1 or app.exhausted > 0 or apiState.rate < 1 or apiState.exhausted > 0
  return {
    granted and 1 or 0, math.ceil(wait), cause or 0, scope or 0, app.spacing, apiState.spacing, degraded and 1 or 0, now,
    math.floor(app.rate * 1000000 + 0.5), math.max(app.ban - now, 0), math.max(app.exhausted - now, 0),
    math.floor(margin * 1000000 + 0.5), used, usedAPI,
    slot.id or 0, slot.due or 0, slot.notBefore or 0, slot.notAfter or 0,
    slot.probe and 1 or 0, slot.tightApp and 1 or 0, slot.tightAPI and 1 or 0, day,
  }
end

-- Each day has its own fields, so a clock that was wrong and is corrected finds the old counts.
local function storeCounts(n, nAPI)
  if redis.call('HEXISTS', KEYS[5], integer(day) .. ':app') == 0 then
    local fields, days = redis.call('HKEYS', KEYS[5]), {}
    for _, field in ipairs(fields) do
      if string.match(field, '^%d+:app$') then table.insert(days, tonumber(string.match(field, '^%d+'))) end
    end
    table.sort(days)
    for _, field in ipairs(fields) do
      if #days > KEEP_DAYS and tonumber(string.match(field, '^%d+') or 0) <= days[#days - KEEP_DAYS] then redis.call('HDEL', KEYS[5], field) end
    end
  end
  redis.call('HSET', KEYS[5], integer(day) .. ':app', integer(n), integer(day) .. ':api:' .. api, integer(nAPI))
  redis.call('EXPIRE', KEYS[5], KEEP)
end

-- A refusal that does not depend on spacing; nil for none.
local function closed()
  if settleUntil > now then return reply(false, settleUntil - now, SETTLING, APP) end
  for _, s in ipairs({app, apiState}) do
    local n = s == app and used or usedAPI
    if s.perDay > 0 and n >= s.perDay then return reply(false, midnight - now, DAILY_LIMIT, s.scope) end
    if s.ban > now then return reply(false, s.ban - now, BANNED, s.scope) end
    if s.exhausted > now then return reply(false, s.exhausted - now, EXHAUSTED, s.scope) end
  end
end

-- The time of the nth latest slot, as in history.go.
local function nth(s)
  return tonumber(redis.call('ZREVRANGE', s.slots, s.calls - 1, s.calls - 1, 'WITHSCORES')[2] or 0)
end

-- When the next call is due.
local function due(s)
  if s.spacing > 0 then return math.max(now, s.next) end
  return now
end

-- From when on another call keeps every window within the limit.
local function open(s)
  if not s.hasHistory then return now end
  redis.call('ZREMRANGEBYSCORE', s.slots, '-inf', integer(now - 2 * s.window))
  local last = nth(s)
  return last > 0 and math.max(now, last + s.guard) or now
end

-- Whether the call follows so closely after as many calls as the limit allows that network delay may explain a throttle.
local function tight(s, at)
  if not s.hasHistory or s.rate < 1 then return false end
  local last = nth(s)
  return last > 0 and at - last < tonumber(ARGV[17]) * s.window
end

local function reserve(s, slot, lagMax)
  if s.spacing > 0 then
    if slot.due - s.next > math.max(lagMax, s.spacing) then s.next = slot.due end
    s.next = s.next + s.spacing
    put(s.key, 'next', integer(s.next))
  end
  if s.hasHistory then
    redis.call('ZADD', s.slots, integer(slot.notAfter), slot.id)
    redis.call('EXPIRE', s.slots, KEEP)
  end
end

-- A server that lost its data gets the day's counts back from its clients.
local function restoreCounts(at)
  if tonumber(ARGV[at]) == day then
    used, usedAPI = math.max(used, tonumber(ARGV[at + 1])), math.max(usedAPI, tonumber(ARGV[at + 2]))
  end
end

local operations = {}

-- 12 ahead, 13 validity, 14 apiDelayMax, 15 lagMax, 16 probeLease, 17 tightness, 18-20 the process's counts.
function operations.reserve()
  local ahead, validity = tonumber(ARGV[12]), tonumber(ARGV[13])
  correctClock(app, ahead + validity)
  correctClock(apiState, ahead + validity)
  restoreCounts(18)
  local refused = closed()
  if refused then return refused end
  local fromApp, fromAPI = math.max(due(app), open(app)), math.max(due(apiState), open(apiState))
  if fromAPI - fromApp > tonumber(ARGV[14]) then return reply(false, fromAPI - now, PACED, API) end
  local at = math.max(fromApp, fromAPI)
  if at - now > ahead then return reply(false, at - now, PACED, APP) end
  local slot = {
    id = redis.call('HINCRBY', KEYS[1], 'id', 1), due = math.max(due(app), due(apiState)), notBefore = at, notAfter = at + validity,
  }
  redis.call('EXPIRE', KEYS[1], KEEP)
  slot.tightApp, slot.tightAPI = tight(app, at), tight(apiState, at)
  for _, s in ipairs({app, apiState}) do
    reserve(s, slot, tonumber(ARGV[15]))
    if s.exhausted > 0 then
      slot.probe = true
      put(s.key, 'shut', integer(now + tonumber(ARGV[16])))
    end
  end
  used, usedAPI = used + 1, usedAPI + 1
  storeCounts(used, usedAPI)
  return reply(true, due(app) - now, 0, 0, slot)
end

-- 12 the slot, 13 the latest possible time at which its request was written.
function operations.sent()
  for _, s in ipairs({app, apiState}) do redis.call('ZADD', s.slots, 'XX', 'LT', ARGV[13], ARGV[12]) end
  return reply(true, 0)
end

-- 12 the slot, 13 its due time, 14 the day it was counted on.
function operations.cancel()
  for _, s in ipairs({app, apiState}) do
    local removed = redis.call('ZREM', s.slots, ARGV[12]) == 1
    if removed or s.spacing > 0 then put(s.key, 'next', integer(math.max(tonumber(ARGV[13]), s.next - s.spacing))) end
  end
  for _, name in ipairs({':app', ':api:' .. api}) do
    if redis.call('HEXISTS', KEYS[5], ARGV[14] .. name) == 1 then redis.call('HINCRBY', KEYS[5], ARGV[14] .. name, -1) end
  end
  return reply(true, 0)
end

-- 12 scope, 13 length of the ban, 14 commit time, 15 whether the pace explains the throttle, 16 stepDown, 17 rateFloor,
-- 18 marginGrowth, 19 marginStep, 20 marginCeiling.
function operations.throttled()
  local s = ARGV[12] == '1' and apiState or app
  s.ban = math.max(s.ban, now + tonumber(ARGV[13]))
  put(s.key, 'ban', integer(s.ban))
  if tonumber(ARGV[14]) <= s.stepped then return reply(true, 0) end
  put(s.key, 'stepped', integer(now))
  if ARGV[15] == '1' then
    local more = math.max(margin * tonumber(ARGV[18]), margin + tonumber(ARGV[19]))
    margin = math.min(more, math.max(tonumber(ARGV[20]), least))
    redis.call('HSET', KEYS[6], 'excess', string.format('%.9f', margin - least), 'taught', integer(now))
    redis.call('EXPIRE', KEYS[6], KEEP_MARGIN)
  else
    s.rate = math.max(s.rate * tonumber(ARGV[16]), tonumber(ARGV[17]))
    put(s.key, 'rate', string.format('%.6f', s.rate))
  end
  return reply(true, 0)
end

-- 12 scope, 13 time until the allowance is available again; 0 if unknown.
function operations.usedUp()
  local s = ARGV[12] == '1' and apiState or app
  local after = tonumber(ARGV[13])
  s.exhausted = after > 0 and now + after or midnight
  put(s.key, 'shut', integer(s.exhausted))
  return reply(true, 0)
end

-- 12 whether it was a probe, 13 commit time, 14 stepUp.
function operations.accepted()
  for _, s in ipairs({app, apiState}) do
    if ARGV[12] == '1' and s.exhausted > 0 then
      s.exhausted = 0
      redis.call('HDEL', s.key, 'shut')
    end
    if s.rate < 1 and tonumber(ARGV[13]) > s.stepped then
      s.rate = math.min(s.rate + tonumber(ARGV[14]) / math.max(s.calls, 1), 1)
      put(s.key, 'rate', string.format('%.6f', s.rate))
    end
  end
  return reply(true, 0)
end

-- Counts calls that a process sent without the server. 12 number of calls, 13-15 the process's counts.
function operations.add()
  restoreCounts(13)
  local n = tonumber(ARGV[12])
  if api == '' then
    storeCounts(used + n, usedAPI)
  else
    storeCounts(used, usedAPI + n)
  end
  return reply(true, 0)
end

-- 12 excess and 13 learnedAt of a margin that the process knows, for a server that lost it.
function operations.join()
  if tonumber(ARGV[13]) > learnedAt then
    redis.call('HSET', KEYS[6], 'excess', ARGV[12], 'taught', ARGV[13])
    margin = least + tonumber(ARGV[12]) * math.pow(2, -math.max(now - tonumber(ARGV[13]), 0) / DAY)
  end
  return reply(true, 0)
end
operations.rejoin = operations.join

function operations.state() return reply(true, 0) end

return operations[op]()
