-- Arguments: a number that no earlier run used, and what varies with each request (none, host, since).
local number, vary, path

function init(args)
  number, vary, path = tonumber(args[1]), args[2], wrk.path
  if vary == "host" then
    request = function()
      number = number + 1
      wrk.headers["Host"] = string.format("h%010d.invalid", number)
      return wrk.format(nil, path)
    end
  elseif vary == "since" then
    request = function()
      number = number + 1
      local day = number % 86400000
      return wrk.format(nil, path .. string.format("&updatedSince=2020-01-01T%02d:%02d:%02d.%03dZ",
        math.floor(day / 3600000), math.floor(day / 60000) % 60, math.floor(day / 1000) % 60, day % 1000))
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("result %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
