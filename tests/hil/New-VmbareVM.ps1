#Requires -RunAsAdministrator
#Requires -Modules Hyper-V
# Makes a generation 2 VM of vmbare's disk, with COM1 on \\.\pipe\<Name>, and
# leaves it off. See docs/hyper-v.md.
#   .\New-VmbareVM.ps1 -Disk C:\vmbare\vmbare.vhdx
param(
    [Parameter(Mandatory)] [string] $Disk,
    [string] $Name = 'vmbare',
    [int] $Processors = 1,
    [long] $Memory = 512MB
)
$ErrorActionPreference = 'Stop'
$path = (Resolve-Path $Disk).Path

# Hyper-V allows two VMs of one name, and then each command means both.
$found = @(Get-VM | Where-Object { $_.Name -eq $Name })
if ($found.Count -gt 0) {
    throw ("expected no VM named '$Name', found $($found.Count), state " +
        "$($found[0].State). To start it as it is: Start-VM '$Name'. To make " +
        "it anew: Stop-VM '$Name' -TurnOff -Force; Remove-VM '$Name' -Force " +
        "(the disk stays), and run this script again. To keep it: -Name OTHER")
}

$vm = New-VM -Name $Name -Generation 2 -MemoryStartupBytes $Memory -VHDPath $path
try {
    Set-VM -VM $vm -ProcessorCount $Processors -StaticMemory -CheckpointType Disabled
    Set-VMFirmware -VM $vm -EnableSecureBoot Off
    Set-VMComPort -VM $vm -Number 1 -Path "\\.\pipe\$Name"
} catch {
    # Half a VM would be in the way of the next try.
    Remove-VM -VM $vm -Force
    throw
}
Write-Host "Now: .\Read-VmbareCom1.ps1 -Name $Name   and elsewhere: Start-VM $Name"
