package cluster

import "github.com/redis/go-redis/v9"

// The scripts run as one step each: nothing happens between what they read and what they write.

// now is Redis's clock in Unix ms.
const now = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

// fence refuses an older token than the lease (KEYS[1]) has seen, and remembers a newer one: after Redis lost its data,
// the home's own.
const fence = `
local seen = tonumber(redis.call('HGET', KEYS[1], 'token') or 0)
local token = tonumber(ARGV[1])
if token < seen then return {'fenced', seen} end
if token > seen then redis.call('HSET', KEYS[1], 'token', token) end
`

var (
	announce = redis.NewScript(now + `
local until_, boot = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0), false
local info = redis.call('HGET', KEYS[1], ARGV[1])
if info then boot = cjson.decode(info).boot end
local ttl = tonumber(ARGV[4])
if until_ > now + ttl then -- Redis's clock was set back
  until_ = now + ttl
  redis.call('ZADD', KEYS[2], until_, ARGV[1])
end
if boot and boot ~= ARGV[2] and until_ > now then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], now + ttl, ARGV[1])
return 1`)

	withdraw = redis.NewScript(`
local info = redis.call('HGET', KEYS[1], ARGV[1])
if info and cjson.decode(info).boot == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1`)

	living = redis.NewScript(now + `
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('HDEL', KEYS[1], name)
  redis.call('ZREM', KEYS[2], name)
end
return redis.call('HVALS', KEYS[1])`)

	// A token is at least the clock's ms, so that a Redis that lost everything gives higher ones than before.
	claim = redis.NewScript(now + `
local l = redis.call('HMGET', KEYS[1], 'holder', 'token', 'until')
local holder, token, until_ = l[1], tonumber(l[2] or 0), tonumber(l[3] or 0)
local floor, ttl = tonumber(ARGV[2]), tonumber(ARGV[3])
if until_ > now + ttl then -- Redis's clock was set back
  until_ = now + ttl
  redis.call('HSET', KEYS[1], 'until', until_)
end
if holder and until_ > now and holder ~= ARGV[1] then return {holder, token, until_ - now} end
if holder ~= ARGV[1] or until_ <= now or token < floor then token = math.max(token + 1, floor + 1, now) end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', token, 'until', now + ttl)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {ARGV[1], token, ttl}`)

	// The token stays: it is the fence.
	release = redis.NewScript(`
local l = redis.call('HMGET', KEYS[1], 'holder', 'token')
if l[1] == ARGV[1] and tonumber(l[2]) == tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], 'holder', 'until') end
return 1`)

	// KEYS: lease, facts. ARGV: token, most facts kept, ms to keep, first number, whether an empty stream may begin with
	// it, bodies. A fact's number is its id.
	publish = redis.NewScript(fence + `
local top, last = 0, redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
if #last > 0 then top = tonumber(string.match(last[1][1], '^%d+')) end
local first = tonumber(ARGV[4])
if top > 0 and first > top + 1 or top == 0 and ARGV[5] ~= '1' then return {'gap', top} end
for i = 6, #ARGV do
  local seq = first + i - 6
  if seq > top then break end
  local id = string.format('%d-0', seq)
  local have = redis.call('XRANGE', KEYS[2], id, id)
  if #have > 0 and have[1][2][4] ~= ARGV[i] then return {'fork', seq} end
end
for i = 6, #ARGV do
  local seq = first + i - 6
  if seq > top then
    redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], string.format('%d-0', seq), 't', ARGV[1], 'b', ARGV[i])
    top = seq
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {'ok', top}`)

	// KEYS: batches. ARGV: most that wait, ms to keep, node, number, body.
	ship = redis.NewScript(`
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'node', ARGV[3], 'n', ARGV[4], 'b', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`)

	// KEYS: lease, marks. ARGV: token, ms to keep, then nodes and marks by turns.
	remark = redis.NewScript(fence + `
redis.call('DEL', KEYS[2])
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {'ok', 0}`)

	// KEYS: lease, batches, marks. ARGV: token, ms to keep, group, how many ids, the ids, then nodes and marks by turns.
	done = redis.NewScript(fence + `
local n = tonumber(ARGV[4])
for i = 5, 4 + n do
  redis.call('XACK', KEYS[2], ARGV[3], ARGV[i])
  redis.call('XDEL', KEYS[2], ARGV[i])
end
for i = 5 + n, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return {'ok', 0}`)
)
