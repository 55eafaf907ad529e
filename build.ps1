<#
.SYNOPSIS
  Builds, tests, benches, packs and cleans Seal: a thin driver over dotnet (which runs cmake by itself).
.EXAMPLE
  ./build.ps1 test
.EXAMPLE
  ./build.ps1 bench inner-step
.EXAMPLE
  ./build.ps1 -DryRun pack
#>
param(
  [Parameter(Position = 0)]
  [ValidateSet('build', 'test', 'bench', 'pack', 'clean')]
  [string] $Verb = 'build',

  [ValidateSet('Release', 'Debug')]
  [string] $Configuration = 'Release',

  # Print what would be run or deleted, and do nothing.
  [switch] $DryRun,

  # Handed on to the program that the verb runs.
  [Parameter(Position = 1, ValueFromRemainingArguments)]
  [string[]] $Rest = @()
)

# Language and .NET only, no cmdlets of a module: the script also runs in a bare PowerShell engine.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$artifacts = "$PSScriptRoot/artifacts"

function Invoke-Step([string] $program, [string[]] $arguments) {
  "> $program $arguments"
  if ($DryRun) { return }
  & $program @arguments
  if ($LASTEXITCODE -ne 0) { throw "'$program $arguments' ended with exit code $LASTEXITCODE" }
}

function Remove-Folder([string] $folder) {
  if (-not [System.IO.Directory]::Exists($folder)) { return }
  "> delete $folder"
  if (-not $DryRun) { [System.IO.Directory]::Delete($folder, $true) }
}

function Get-ArchiveName {
  $props = [System.IO.File]::ReadAllText("$PSScriptRoot/Directory.Build.props")
  $version = [regex]::Match($props, '<Version>(.+?)</Version>').Groups[1].Value
  "seal-$version-$([System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier).tar.gz"
}

switch ($Verb) {
  'build' { Invoke-Step dotnet (@('build', "$PSScriptRoot/Seal.sln", '-c', $Configuration) + $Rest) }
  'test' { Invoke-Step dotnet (@('test', "$PSScriptRoot/Seal.sln", '-c', $Configuration) + $Rest) }
  'bench' {
    if ($Rest.Count -eq 0) { $Rest = @('inner-step') }
    Invoke-Step dotnet (@('run', '-c', $Configuration, '--project', "$PSScriptRoot/bench/Seal.Bench", '--') + $Rest)
  }
  'pack' {
    Remove-Folder "$artifacts/seal"
    Invoke-Step dotnet (@('publish', "$PSScriptRoot/src/Seal.Cli", '-c', $Configuration, '-o', "$artifacts/seal") + $Rest)
    Invoke-Step tar @('-czf', "$artifacts/$(Get-ArchiveName)", '-C', $artifacts, 'seal')
  }
  'clean' {
    foreach ($room in 'src', 'tests', 'bench') {
      foreach ($project in [System.IO.Directory]::GetDirectories("$PSScriptRoot/$room")) {
        foreach ($output in 'bin', 'obj', 'TestResults') { Remove-Folder "$project/$output" }
      }
    }
    foreach ($output in 'build', 'artifacts', 'TestResults', 'BenchmarkDotNet.Artifacts') { Remove-Folder "$PSScriptRoot/$output" }
  }
}
