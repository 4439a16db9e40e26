-- Sends requests of a file in random order, and says at the end, as JSON, what came of them.
--
-- wrk -s load.lua URL -- FILE [HEADER: VALUE ...]
--
-- A line of the file is `GET PATH` or `POST PATH BODY`; each `@N` in a body becomes a number of its own.

local lines = {}
local headers = {}
local threads = 0
local count = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   for i = 2, #args do
      local name, value = args[i]:match("^([^:]+): (.*)$")
      headers[name] = value
   end
   for line in io.lines(args[1]) do
      local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
      if method == "GET" then
         lines[#lines + 1] = wrk.format("GET", path, headers)
      else
         headers["Content-Type"] = "application/json"
         lines[#lines + 1] = { path = path, body = body }
      end
   end
   math.randomseed(4711 + number)
end

function request()
   local line = lines[math.random(#lines)]
   if type(line) == "string" then
      return line
   end
   count = count + 1
   local body = line.body:gsub("@N", string.format("%d-%d", number, count))
   return wrk.format("POST", line.path, headers, body)
end

function done(summary, latency)
   local errors = summary.errors
   print(string.format(
      'RESULT {"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "late": %d, "p99": %d}',
      summary.requests, summary.duration, summary.bytes, errors.status, errors.connect + errors.read + errors.write,
      errors.timeout, latency:percentile(99)))
end
