-- wrk: every request carries a random one out of the cookies in the file COOKIES, one a line.
local cookies = {}
for cookie in io.lines(os.getenv("COOKIES")) do
    cookies[#cookies + 1] = cookie
end
math.randomseed(tonumber(os.getenv("SEED") or "1"))

request = function()
    return wrk.format("GET", nil, { ["Cookie"] = cookies[math.random(#cookies)] })
end
