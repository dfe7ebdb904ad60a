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
New-VM -Name $Name -Generation 2 -MemoryStartupBytes $Memory -VHDPath $path
Set-VM -Name $Name -ProcessorCount $Processors -StaticMemory -CheckpointType Disabled
Set-VMFirmware -VMName $Name -EnableSecureBoot Off
Set-VMComPort -VMName $Name -Number 1 -Path "\\.\pipe\$Name"
Write-Host "Now: .\Read-VmbareCom1.ps1 -Name $Name   and elsewhere: Start-VM $Name"
