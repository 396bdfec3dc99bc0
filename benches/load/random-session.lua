-- wrk: every request carries the session cookie of a random one out of those in the file TOKENS.
local cookies = {}
for token in io.lines(os.getenv("TOKENS")) do
    cookies[#cookies + 1] = "authgate_session=" .. token
end
math.randomseed(tonumber(os.getenv("SEED") or "1"))

request = function()
    return wrk.format("GET", nil, { ["Cookie"] = cookies[math.random(#cookies)] })
end
