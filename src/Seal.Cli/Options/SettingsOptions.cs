using System.CommandLine;
using Seal.Kernels;
using Seal.Learning;

namespace Seal.Cli.Options;

/// <summary>Run settings: defaults, then what the model brings, then a file, then options of their own, then single fields.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<string?> _file = new("--settings") { Description = "A JSON file of settings; what it leaves out keeps its default", HelpName = "FILE" };

    private readonly Option<string[]> _fields = new("--set")
    {
        Description = "One setting, by its path in the settings file: trial.inner.epochs=8; repeatable, wins over everything else",
        HelpName = "a.b=VALUE",
    };

    private readonly Option<ulong?> _seed = new("--seed") { Description = "Root of all random numbers (default 1)", HelpName = "N" };

    private readonly Option<bool> _compat = new("--compat") { Description = "Start from the published prompts, rules and settings" };

    private readonly BackendOptions _backend;

    private readonly DomainOptions? _domain;

    /// <param name="domain">Where the command has several domains.</param>
    public SettingsOptions(Command command, DomainOptions? domain = null)
    {
        _domain = domain;
        command.Add(_file);
        command.Add(_fields);
        command.Add(_compat);
        command.Add(_seed);
        _backend = new BackendOptions(command);
    }

    /// <summary>The operators that the settings name, validated if the line asks for it.</summary>
    public Operators Open(ParseResult line, RunSettings settings, Terminal terminal) => _backend.Open(line, settings.Backend, settings.DType, terminal);

    /// <param name="named">Lays the command's own options over the settings.</param>
    /// <exception cref="SealException">A file or field cannot be used.</exception>
    public RunSettings Read(ParseResult line, Func<RunSettings, RunSettings> named)
    {
        bool compat = line.GetValue(_compat);
        RunSettings defaults = _domain?.Defaults(line, compat) ?? (compat ? RunSettings.Compat : new RunSettings());
        RunSettings settings = Filed(defaults);
        if (!compat)
            settings = Filed(ModelSettings.Of(named(settings).Model, defaults));
        settings = named(_domain?.Over(line, settings) ?? settings) with
        {
            Seed = line.GetValue(_seed) ?? settings.Seed,
            Backend = line.GetValue(_backend.Backend) ?? settings.Backend,
            DType = _backend.ParseType(line) ?? settings.DType,
        };
        foreach (string field in line.GetValue(_fields) ?? [])
            settings = SettingsText.Set(settings, field);
        return settings.Validated();

        RunSettings Filed(RunSettings under) => line.GetValue(_file) is { } file ? RunSettings.Read(file, under) : under;
    }
}
