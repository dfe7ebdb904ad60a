#Requires -RunAsAdministrator
# Shows what a VM says on COM1 and keeps it in a file, byte for byte, until the
# VM is off or Ctrl-C. Keys that are pressed here go to the VM. Start it before
# the VM: Hyper-V drops what nobody reads.
#   .\Read-VmbareCom1.ps1 -Name vmbare -Log vmbare.log
param([string] $Name = 'vmbare', [string] $Log = "$Name.log")
$ErrorActionPreference = 'Stop'
$utf8 = [System.Text.Encoding]::UTF8
$wait = 50 # milliseconds between two looks at the keyboard

$pipe = New-Object System.IO.Pipes.NamedPipeClientStream '.', $Name, 'InOut', 'Asynchronous'
Write-Host "waiting for the VM '$Name' ..."
while (-not $pipe.IsConnected) {
    try { $pipe.Connect(1000) } catch [TimeoutException], [IO.IOException] { }
}

# .NET has a current folder of its own, which is not PowerShell's.
$file = Join-Path (Get-Location).Path $Log
if ([System.IO.Path]::IsPathRooted($Log)) { $file = $Log }
$kept = [System.IO.File]::Open($file, 'Append', 'Write', 'Read')
$bytes = New-Object byte[] 4096
$chars = New-Object char[] 4097
$decoder = $utf8.GetDecoder() # keeps the first half of a character that is cut
$hasKeys = -not [Console]::IsInputRedirected

try {
    $read = $pipe.ReadAsync($bytes, 0, $bytes.Length)
    while ($true) {
        # Not by lines: a carriage return alone is part of what the VM says.
        if ($read.Wait($wait)) {
            $count = $read.Result
            if ($count -eq 0) { break }
            $kept.Write($bytes, 0, $count)
            $kept.Flush()
            $length = $decoder.GetChars($bytes, 0, $count, $chars, 0)
            [Console]::Write($chars, 0, $length)
            $read = $pipe.ReadAsync($bytes, 0, $bytes.Length)
        }
        while ($hasKeys -and [Console]::KeyAvailable) {
            $key = [Console]::ReadKey($true).KeyChar
            if ($key -eq [char]0) { continue } # an arrow, a function key
            $sent = $utf8.GetBytes([string]$key)
            $pipe.Write($sent, 0, $sent.Length)
        }
    }
} catch [AggregateException] {
    Write-Host "the VM '$Name' closed COM1: $($_.Exception.InnerException.Message)"
} finally {
    $kept.Dispose()
    $pipe.Dispose()
}
