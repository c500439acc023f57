-- The server in Neovim, as a user has it: typing, vim.diagnostic, hover, the code action menu.
-- Reads what to do from the JSON file in g:loopguard_input, prints a line per step, writes the fixed buffers.
local input = vim.fn.json_decode(vim.fn.readfile(vim.g.loopguard_input))
local patience = 10000

local function say(verdict, text)
  -- Neovim's own messages come without a line break at their end.
  io.stdout:write('\n' .. verdict .. ' ' .. text:gsub('\n', '\\n') .. '\n')
end

local function step(name, action)
  local fine, result = pcall(action)
  if fine then
    say('ok', name .. (result and (': ' .. result) or ''))
  else
    say('not ok', name .. ': ' .. tostring(result))
    patience = 3000
  end
end

local function wait(what, condition)
  if not vim.wait(patience, condition, 20) then
    error('no ' .. what .. ' within ' .. patience / 1000 .. ' s', 0)
  end
end

local function finding(sample)
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    local data = diagnostic.user_data and diagnostic.user_data.lsp or {}
    if diagnostic.source == 'loopguard' and (diagnostic.code or data.code) == sample.rule then
      return diagnostic
    end
  end
end

local function wait_for_finding(sample)
  wait('diagnostic ' .. sample.rule, function() return finding(sample) end)
  local message = finding(sample).message
  for _, part in ipairs({ 'event loop', sample.primitive }) do
    if not message:find(part, 1, true) then
      error('the message lacks "' .. part .. '": ' .. message, 0)
    end
  end
end

-- Shows a sample's file; what the README says attaches the server.
local function open(sample)
  local path = input.folder .. '/' .. sample.file
  if vim.api.nvim_buf_get_name(0) ~= path then
    vim.cmd('edit ' .. vim.fn.fnameescape(path))
  end
end

local function go_to_site(sample)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(sample.site, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { number, column + 1 })
      return
    end
  end
  error('the buffer lacks ' .. sample.site, 0)
end

vim.cmd('filetype plugin on')
vim.o.hidden = true
local client
-- Neovim 0.7 has the parts of it only.
vim.lsp.start = vim.lsp.start or function(config)
  client = client or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, client)
end
local for_new, for_old = input.readme.lua[1], input.readme.lua[2]
assert((loadstring or load)(vim.lsp.config and for_new or for_old))()
local sleeping = input.samples[1]

step('diagnostic', function()
  open(sleeping)
  wait('connection to the server', function()
    local connected = vim.lsp.get_active_clients()[1]
    client = connected and connected.id
    return connected and connected.initialized
  end)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('Go<C-u>' .. input.typed .. '<Esc>', true, false, true), 'tx', false)
  local typed = vim.loop.hrtime()
  wait_for_finding(sleeping)
  return math.floor((vim.loop.hrtime() - typed) / 1e6) .. ' ms after the last key'
end)

step('hover', function()
  go_to_site(sleeping)
  local answer, failure = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), patience)
  local hover = answer and answer[client] and answer[client].result
  if not hover then
    error('no hover: ' .. vim.inspect(failure or answer), 0)
  end
  local lines = vim.lsp.util.convert_input_to_markdown_lines(hover.contents)
  local text = table.concat(lines, '\n')
  if not text:find(sleeping.primitive, 1, true) then
    error('the hover lacks "' .. sleeping.primitive .. '":\n' .. text, 0)
  end
end)

for _, sample in ipairs(input.samples) do
  step(sample.action, function()
    open(sample)
    wait_for_finding(sample)
    go_to_site(sample)
    local before = vim.api.nvim_buf_get_changedtick(0)
    local offered = {}
    -- The menu of vim.lsp.buf.code_action: takes the first entry that names the action.
    vim.ui.select = function(items, options, choose)
      for _, item in ipairs(items) do
        local title = options.format_item(item)
        table.insert(offered, title)
        if title:find(sample.action, 1, true) then
          return choose(item, 1)
        end
      end
      choose(nil, nil)
    end
    vim.lsp.buf.code_action()
    wait('change by ' .. sample.action .. ' (offered: ' .. table.concat(offered, ', ') .. ')', function()
      return vim.api.nvim_buf_get_changedtick(0) ~= before
    end)
    vim.cmd('silent write')
  end)
end

-- As Neovim itself does on leaving: asks the server to shut down and waits a moment for it.
vim.lsp.stop_client(client)
vim.wait(1000, function() return #vim.lsp.get_active_clients() == 0 end, 20)
vim.cmd('qall!')
