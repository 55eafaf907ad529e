using System.CommandLine;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.FewShot;

namespace Seal.Cli.Options;

/// <summary>What is learned: passages, or ARC tasks.</summary>
internal sealed class DomainOptions
{
    private readonly Option<string?> _domain = new("--domain") { Description = "What is learned: knowledge (passages, default) or few-shot (ARC tasks)", HelpName = "NAME" };

    private readonly Option<string?> _tasks = new("--tasks") { Description = "few-shot: a file of ARC challenges, or a folder with one task a file", HelpName = "PATH" };

    private readonly Option<string?> _solutions = new("--solutions") { Description = "few-shot: the file of their solutions", HelpName = "FILE" };

    private readonly Option<string[]> _ids = new("--task") { Description = "few-shot: only this task; repeatable, in this order", HelpName = "ID" };

    public DomainOptions(Command command)
    {
        _domain.AcceptOnlyFromAmong("knowledge", "few-shot");
        foreach (Option option in (Option[])[_domain, _tasks, _solutions, _ids])
            command.Add(option);
        command.Validators.Add(line =>
        {
            if (line.GetValue(_domain) == "knowledge" && (line.GetResult(_tasks) ?? line.GetResult(_solutions) ?? line.GetResult(_ids)) is not null)
                line.AddError("--tasks, --solutions and --task are for --domain few-shot");
        });
    }

    public bool IsFewShot(ParseResult line) => line.GetValue(_domain) == "few-shot";

    /// <summary>The settings to start from.</summary>
    public RunSettings Defaults(ParseResult line, bool compat) => IsFewShot(line)
        ? FewShotSettings.Run(compat)
        : compat ? RunSettings.Compat : new RunSettings();

    /// <summary>Lays the domain's own options over the settings.</summary>
    /// <exception cref="SealException">They are another domain's.</exception>
    public RunSettings Over(ParseResult line, RunSettings settings)
    {
        (string? tasks, string? solutions, string[] ids) = (line.GetValue(_tasks), line.GetValue(_solutions), line.GetValue(_ids) ?? []);
        if (settings.FewShot is { } own)
            return settings with { FewShot = own with { Tasks = tasks ?? own.Tasks, Solutions = solutions ?? own.Solutions, Ids = ids.Length > 0 ? ids : own.Ids } };
        return tasks is null && solutions is null && ids.Length == 0
            ? settings
            : throw new SealException("--tasks, --solutions and --task are for --domain few-shot; add it, or give --passages");
    }
}
