-- One App Key's limits, as limitstate.go and local.go keep them for one process: one script, so that every decision is atomic, on
-- the server's clock, so that no two processes disagree about the time. Times are microseconds.
--
-- KEYS  1 the App Key's state   2 its slots     3 the API's state   4 its slots
--       5 the days' counts      6 the server run in which the slots were reserved
-- ARGV  1 operation   2 API   3 settling time
--       4-6  the App Key's calls, window, calls a day
--       7-9  the API's, 10 whether it has a limit of its own
--       11   the least margin
--       12.. the operation's own
-- Reply: see redis.go.
local DAY, ZONE = 86400000000, 28800000000
local KEEP = 172800 -- Seconds. State that nobody touched for two days says nothing any more.
local KEEPMARGIN = 60 * 86400 -- By then what was learned has halved itself away.
local KEEPDAYS = 10 -- By their number, not by the clock, which may be wrong.
local PACED, BANNED, SPENT, EXHAUSTED, SETTLING = 1, 2, 3, 4, 5
local APP, ONE = 0, 1

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

-- What was learned halves each day, as margin.go says.
local learned = redis.call('HMGET', KEYS[6], 'excess', 'taught')
local least, excess, taught = tonumber(ARGV[11]), tonumber(learned[1] or 0), tonumber(learned[2] or 0)
local margin = least + excess * math.pow(2, -math.max(now - taught, 0) / DAY)

local function scope(state, slots, at, own)
  local h = redis.call('HMGET', state, 'next', 'rate', 'stepped', 'ban', 'shut')
  local s = {
    state = state, slots = slots, own = own,
    calls = tonumber(ARGV[at]), window = tonumber(ARGV[at + 1]), perday = tonumber(ARGV[at + 2]),
    next = tonumber(h[1] or 0), rate = tonumber(h[2] or 1), stepped = tonumber(h[3] or 0),
    ban = tonumber(h[4] or 0), shut = tonumber(h[5] or 0), every = 0,
  }
  if s.calls > 0 and (own or s.rate < 1) then
    s.every = math.ceil(s.window / s.calls / (1 - margin) / s.rate - 0.000001)
  end
  s.guarded = own and s.calls > 0
  s.guard = math.ceil(s.window * (1 + 0.75 * margin / (1 - margin)) - 0.000001)
  return s
end

local app, one = scope(KEYS[1], KEYS[2], 4, true), scope(KEYS[3], KEYS[4], 7, ARGV[10] == '1')
app.index, one.index = APP, ONE

-- A server that was restarted, or replaced by its replica, may have lost the last slots, and one that was never asked has none:
-- nothing leaves until they could not count any more. The same holds for a process that comes back after going on alone.
local known = redis.call('HMGET', KEYS[6], 'run', 'until')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?'
local hold = tonumber(known[2] or 0)
if hold > now + settle then hold = 0 end -- The clock was set back since.
local function settleNow(...)
  hold = now + settle
  redis.call('HSET', KEYS[6], 'until', integer(hold), ...)
  redis.call('EXPIRE', KEYS[6], KEEPMARGIN)
end
if known[1] ~= run then settleNow('run', run) elseif op == 'rejoin' then settleNow() end

-- No slot is booked further ahead than the script allows. One that is, is of a clock that was set back since: what is kept
-- lies as far ahead as the clock went back.
local function setBack(s, ahead)
  local newest = tonumber(redis.call('ZREVRANGE', s.slots, 0, 0, 'WITHSCORES')[2] or 0)
  local back = math.max(newest - now, s.next - now - s.every) - ahead
  if back <= 0 then return end
  redis.call('DEL', s.slots)
  s.next, s.stepped = now, math.min(s.stepped, now)
  s.ban, s.shut = math.max(s.ban - back, 0), math.max(s.shut - back, 0)
  put(s.state, 'next', integer(s.next), 'stepped', integer(s.stepped), 'ban', integer(s.ban), 'shut', integer(s.shut))
  settleNow()
end

local used, usedone = 0, 0
local function count(name) return tonumber(redis.call('HGET', KEYS[5], integer(day) .. name) or 0) end
used, usedone = count(':app'), count(':api:' .. api)

local function reply(granted, wait, cause, about, slot)
  slot = slot or {}
  local strained = app.rate < 1 or app.shut > 0 or one.rate < 1 or one.shut > 0
  return {
    granted and 1 or 0, math.ceil(wait), cause or 0, about or 0, app.every, one.every, strained and 1 or 0, now,
    math.floor(app.rate * 1000000 + 0.5), math.max(app.ban - now, 0), math.max(app.shut - now, 0),
    math.floor(margin * 1000000 + 0.5), used, usedone,
    slot.id or 0, slot.turn or 0, slot.from or 0, slot.to or 0, slot.probe and 1 or 0, slot.tight and 1 or 0, slot.tightone and 1 or 0, day,
  }
end

-- Each day has fields of its own, so a clock that goes wrong and is put right finds the counts it had.
local function keep(n, m)
  if redis.call('HEXISTS', KEYS[5], integer(day) .. ':app') == 0 then
    local fields, days = redis.call('HKEYS', KEYS[5]), {}
    for _, field in ipairs(fields) do
      if string.match(field, '^%d+:app$') then table.insert(days, tonumber(string.match(field, '^%d+'))) end
    end
    table.sort(days)
    for _, field in ipairs(fields) do
      if #days > KEEPDAYS and tonumber(string.match(field, '^%d+') or 0) <= days[#days - KEEPDAYS] then redis.call('HDEL', KEYS[5], field) end
    end
  end
  redis.call('HSET', KEYS[5], integer(day) .. ':app', integer(n), integer(day) .. ':api:' .. api, integer(m))
  redis.call('EXPIRE', KEYS[5], KEEP)
end

-- What has nothing to do with spacing: why nothing may leave now.
local function closed()
  if hold > now then return reply(false, hold - now, SETTLING, APP) end
  for _, s in ipairs({app, one}) do
    local n = s == app and used or usedone
    if s.perday > 0 and n >= s.perday then return reply(false, midnight - now, SPENT, s.index) end
    if s.ban > now then return reply(false, s.ban - now, BANNED, s.index) end
    if s.shut > now then return reply(false, s.shut - now, EXHAUSTED, s.index) end
  end
end

-- The nth latest slot, as history.go stores them.
local function nth(s)
  return tonumber(redis.call('ZREVRANGE', s.slots, s.calls - 1, s.calls - 1, 'WITHSCORES')[2] or 0)
end

-- When the spacing has the next call.
local function turn(s)
  if s.every > 0 then return math.max(now, s.next) end
  return now
end

-- From when on another call keeps every window within the limit.
local function open(s)
  if not s.guarded then return now end
  redis.call('ZREMRANGEBYSCORE', s.slots, '-inf', integer(now - 2 * s.window))
  local last = nth(s)
  return last > 0 and math.max(now, last + s.guard) or now
end

local function tight(s, at)
  if not s.guarded or s.rate < 1 then return false end
  local last = nth(s)
  return last > 0 and at - last < tonumber(ARGV[17]) * s.window
end

local function book(s, slot, lag)
  if s.every > 0 then
    if slot.turn - s.next > math.max(lag, s.every) then s.next = slot.turn end
    s.next = s.next + s.every
    put(s.state, 'next', integer(s.next))
  end
  if s.guarded then
    redis.call('ZADD', s.slots, integer(slot.to), slot.id)
    redis.call('EXPIRE', s.slots, KEEP)
  end
end

-- The process may know of more calls than a server that lost some, and of a margin.
local function heal(at)
  if tonumber(ARGV[at]) == day then
    used, usedone = math.max(used, tonumber(ARGV[at + 1])), math.max(usedone, tonumber(ARGV[at + 2]))
  end
end

local operations = {}

-- 12 how far ahead, 13 how long good, 14 apart, 15 lag, 16 the probe's lease, 17 tightness, 18.. what the process knows.
function operations.book()
  local ahead, good = tonumber(ARGV[12]), tonumber(ARGV[13])
  setBack(app, ahead + good)
  setBack(one, ahead + good)
  heal(18)
  local refused = closed()
  if refused then return refused end
  local first, own = math.max(turn(app), open(app)), math.max(turn(one), open(one))
  if own - first > tonumber(ARGV[14]) then return reply(false, own - now, PACED, ONE) end
  local from = math.max(first, own)
  if from - now > ahead then return reply(false, from - now, PACED, APP) end
  local slot = {id = redis.call('HINCRBY', KEYS[1], 'id', 1), turn = math.max(turn(app), turn(one)), from = from, to = from + good}
  redis.call('EXPIRE', KEYS[1], KEEP)
  slot.tight, slot.tightone = tight(app, from), tight(one, from)
  for _, s in ipairs({app, one}) do
    book(s, slot, tonumber(ARGV[15]))
    if s.shut > 0 then
      slot.probe = true
      put(s.state, 'shut', integer(now + tonumber(ARGV[16])))
    end
  end
  used, usedone = used + 1, usedone + 1
  keep(used, usedone)
  return reply(true, turn(app) - now, 0, 0, slot)
end

-- 12 the slot, 13 the latest time at which it was used.
function operations.depart()
  for _, s in ipairs({app, one}) do redis.call('ZADD', s.slots, 'XX', 'LT', ARGV[13], ARGV[12]) end
  return reply(true, 0)
end

-- 12 the slot, 13 its turn, 14 the day it was counted on.
function operations.cancel()
  for _, s in ipairs({app, one}) do
    local had = redis.call('ZREM', s.slots, ARGV[12]) == 1
    if had or s.every > 0 then put(s.state, 'next', integer(math.max(tonumber(ARGV[13]), s.next - s.every))) end
  end
  for _, name in ipairs({':app', ':api:' .. api}) do
    if redis.call('HEXISTS', KEYS[5], ARGV[14] .. name) == 1 then redis.call('HINCRBY', KEYS[5], ARGV[14] .. name, -1) end
  end
  return reply(true, 0)
end

-- 12 scope, 13 how long, 14 the departure, 15 whether the pace explains it, 16-17 the rate's step and floor,
-- 18-20 the margin's growth, step and ceiling.
function operations.throttled()
  local s = ARGV[12] == '1' and one or app
  s.ban = math.max(s.ban, now + tonumber(ARGV[13]))
  put(s.state, 'ban', integer(s.ban))
  if tonumber(ARGV[14]) <= s.stepped then return reply(true, 0) end
  put(s.state, 'stepped', integer(now))
  if ARGV[15] == '1' then
    local more = math.max(margin * tonumber(ARGV[18]), margin + tonumber(ARGV[19]))
    margin = math.min(more, math.max(tonumber(ARGV[20]), least))
    redis.call('HSET', KEYS[6], 'excess', string.format('%.9f', margin - least), 'taught', integer(now))
    redis.call('EXPIRE', KEYS[6], KEEPMARGIN)
  else
    s.rate = math.max(s.rate * tonumber(ARGV[16]), tonumber(ARGV[17]))
    put(s.state, 'rate', string.format('%.6f', s.rate))
  end
  return reply(true, 0)
end

-- 12 scope, 13 how long.
function operations.usedup()
  local s = ARGV[12] == '1' and one or app
  local after = tonumber(ARGV[13])
  s.shut = after > 0 and now + after or midnight
  put(s.state, 'shut', integer(s.shut))
  return reply(true, 0)
end

-- 12 whether it was a probe, 13 the departure, 14 the rate's step.
function operations.accepted()
  for _, s in ipairs({app, one}) do
    if ARGV[12] == '1' and s.shut > 0 then
      s.shut = 0
      redis.call('HDEL', s.state, 'shut')
    end
    if s.rate < 1 and tonumber(ARGV[13]) > s.stepped then
      s.rate = math.min(s.rate + tonumber(ARGV[14]) / math.max(s.calls, 1), 1)
      put(s.state, 'rate', string.format('%.6f', s.rate))
    end
  end
  return reply(true, 0)
end

-- What a process let go while it went on alone counts too. 12 how many, 13.. what the process knows.
function operations.add()
  heal(13)
  local n = tonumber(ARGV[12])
  if api == '' then
    keep(used + n, usedone)
  else
    keep(used, usedone + n)
  end
  return reply(true, 0)
end

-- 12-13 a margin that the process knows, for a server that lost it.
function operations.join()
  if tonumber(ARGV[13]) > taught then
    redis.call('HSET', KEYS[6], 'excess', ARGV[12], 'taught', ARGV[13])
    margin = least + tonumber(ARGV[12]) * math.pow(2, -math.max(now - tonumber(ARGV[13]), 0) / DAY)
  end
  return reply(true, 0)
end
operations.rejoin = operations.join

function operations.state() return reply(true, 0) end

return operations[op]()
