-- SPDX-License-Identifier: MIT
-- Continuo's action in Ardour's editor: does what a job file says, as data, and writes an answer.
-- Ardour calls this chunk with the arguments stored beside it when it loads a session.
local arguments = ... or {}
local folder, index = arguments["folder"], arguments["index"]

local maximum_size = 65536
-- Raised whenever what this action reads, does or writes changes.
local version = 1

-- This process's number and start time: another process may get the number later.
local function process ()
  local file = io.open ("/proc/self/stat", "r")
  if not file then return nil end
  local line = file:read ("a")
  file:close ()
  local pid = line:match ("^(%d+) ")
  local rest = line:match ("^.*%) (.*)$")
  local start, count = nil, 0
  for word in (rest or ""):gmatch ("%S+") do
    count = count + 1
    if count == 20 then start = word end
  end
  return pid, start
end

local function hex (text)
  return (text:gsub (".", function (letter) return ("%02x"):format (letter:byte ()) end))
end

local function text_of (digits)
  if #digits % 2 ~= 0 or digits:find ("[^0-9a-f]") then error ("a text is not hexadecimal", 0) end
  return (digits:gsub ("..", function (pair) return string.char (tonumber (pair, 16)) end))
end

-- Writes lines under another name first, so that a reader never sees half of them.
local function write (name, lines)
  local path = folder .. "/" .. name
  local file = io.open (path .. ".partial", "w")
  if not file then return false end
  local ok = file:write (table.concat (lines, "\n"), "\n")
  ok = file:close () and ok
  return ok and os.rename (path .. ".partial", path)
end

-- A job is lines "key value"; each value is hexadecimal text, a whole number or a plain word.
local keys = {
  ["job"] = "word", ["nonce"] = "word", ["track"] = "text", ["file"] = "text",
  ["position"] = "number", ["region"] = "words", ["name"] = "text"
}

local function parse (content)
  if #content > maximum_size then error ("the job is too large", 0) end
  if content:sub (-4) ~= "end\n" then error ("the job is not whole", 0) end
  local job = { region = {} }
  local first = true
  for line in content:sub (1, -5):gmatch ("([^\n]*)\n") do
    if first then
      if line ~= "continuo-job 1" then error ("the job is of another version", 0) end
      first = false
    else
      local key, value = line:match ("^([a-z]+) ([0-9A-Za-z-]*)$")
      local kind = key and keys[key]
      if not kind then error ("a line of the job makes no sense", 0) end
      if kind == "words" then
        if not value:match ("^%d+$") then error ("a region's number is none", 0) end
        table.insert (job[key], value)
      elseif job[key] ~= nil then
        error ("the job says " .. key .. " twice", 0)
      elseif kind == "text" then job[key] = text_of (value)
      elseif kind == "number" then
        if not value:match ("^%d+$") or #value > 12 then error ("a number is none", 0) end
        job[key] = math.tointeger (tonumber (value))
      else job[key] = value end
    end
  end
  if first then error ("the job is empty", 0) end
  return job
end

local function need (job, key)
  if job[key] == nil then error ("the job says no " .. key, 0) end
  return job[key]
end

-- The only MIDI track of this name, compared byte for byte.
local function midi_track (name)
  local found = nil
  for route in Session:get_tracks ():iter () do
    if route:name () == name then
      if found then error ("two tracks have this name", 0) end
      found = route:to_track ():to_midi_track ()
      if found:isnil () then error ("the track is no MIDI track", 0) end
    end
  end
  if not found then error ("there is no such track", 0) end
  return found
end

local function id_of (region) return region:to_stateful ():id ():to_s () end

local function regions (playlist)
  local ids = {}
  for region in playlist:region_list ():iter () do ids[id_of (region)] = region end
  return ids
end

local does = {}

-- Saving here, and answering afterwards, is the only sure sign that the file is the session.
does["save"] = function (job)
  if Session:save_state ("", false, false, false, false, false) ~= 0 then
    error ("Ardour could not save the session", 0)
  end
  return {}
end

does["ping"] = function (job) return { "session " .. hex (Session:name ()) } end

does["import"] = function (job)
  local track = midi_track (need (job, "track"))
  local position = Temporal.timepos_t.from_ticks (need (job, "position"))
  local before = regions (track:playlist ())
  local files = C.StringVector ()
  files:push_back (need (job, "file"))
  -- ImportDistinctFiles would ignore the track.
  Editor:do_import (files, Editing.ImportSerializeFiles, Editing.ImportToTrack,
    ARDOUR.SrcQuality.SrcBest, ARDOUR.MidiTrackNameSource.SMFTrackName,
    ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, position, ARDOUR.PluginInfo (), track, false)
  local lines = {}
  for id in pairs (regions (track:playlist ())) do
    if not before[id] then table.insert (lines, "region " .. id) end
  end
  if #lines == 0 then error ("Ardour made no region of the file", 0) end
  return lines
end

does["remove"] = function (job)
  local playlist = midi_track (need (job, "track")):playlist ()
  local there = regions (playlist)
  if #job.region == 0 then error ("the job names no region", 0) end
  for _, id in ipairs (job.region) do
    if not there[id] then error ("the region " .. id .. " is no longer on the track", 0) end
  end
  Session:begin_reversible_command ("Continuo: take back")
  playlist:to_stateful ():clear_changes ()
  for _, id in ipairs (job.region) do playlist:remove_region (there[id]) end
  if Session:add_stateful_diff_command (playlist:to_statefuldestructible ()):empty () then
    Session:abort_reversible_command ()
    error ("Ardour did not let the region go", 0)
  end
  Session:commit_reversible_command (nil)
  return {}
end

does["track"] = function (job)
  local name = need (job, "name")
  for route in Session:get_routes ():iter () do
    if route:name () == name then error ("a track or bus of this name is there already", 0) end
  end
  local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
  local made = Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, name,
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
  for track in made:iter () do return { "track " .. hex (track:name ()) } end
  error ("Ardour made no track", 0)
end

local function act (pid)
  local job_path = folder .. "/job-" .. pid
  local file = io.open (job_path, "r")
  if not file then return end
  local content = file:read (maximum_size + 1) or ""
  file:close ()
  -- Done once at most, even if the action is called again.
  os.remove (job_path)
  local nonce = content:match ("\nnonce ([0-9a-f]+)\n") or "none"
  local done, result = pcall (function ()
    local job = parse (content)
    local doer = does[need (job, "job")]
    if not doer then error ("the job is unknown to this script", 0) end
    return doer (job)
  end)
  local lines = { "continuo-answer 1", "nonce " .. nonce }
  if done then
    table.insert (lines, "status done")
    for _, line in ipairs (result) do table.insert (lines, line) end
  else
    table.insert (lines, "status failed")
    table.insert (lines, "reason " .. hex (tostring (result)))
  end
  table.insert (lines, "end")
  write ("answer-" .. pid, lines)
end

local pid, start = nil, nil
-- Raising an error here would keep Ardour from loading the musician's own scripts.
pcall (function ()
  pid, start = process ()
  if pid and start and folder then
    write ("present-" .. pid,
      { "continuo-present 1", "start " .. start, ("index %d"):format (index),
        ("version %d"):format (version), "end" })
  end
end)

return function ()
  -- An error would make Ardour forget the action.
  if pid then pcall (act, pid) end
  collectgarbage ()
end
