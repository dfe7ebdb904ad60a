#Requires -RunAsAdministrator
# Shows what a VM says on COM1 and keeps it in a file, until the VM is off or
# Ctrl-C. Start it before the VM: Hyper-V drops what nobody reads.
#   .\Read-VmbareCom1.ps1 -Name vmbare -Log vmbare.log
param([string] $Name = 'vmbare', [string] $Log = "$Name.log")
$ErrorActionPreference = 'Stop'
$pipe = New-Object System.IO.Pipes.NamedPipeClientStream '.', $Name, 'InOut'
Write-Host "waiting for the VM '$Name' ..."
while (-not $pipe.IsConnected) {
    try { $pipe.Connect(1000) } catch [TimeoutException], [IO.IOException] { }
}
$reader = New-Object System.IO.StreamReader $pipe
try {
    while ($null -ne ($line = $reader.ReadLine())) {
        $line | Tee-Object -FilePath $Log -Append
    }
} finally { $pipe.Dispose() }
