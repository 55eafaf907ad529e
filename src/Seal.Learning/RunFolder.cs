using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;
using Seal.Models.Formats;

namespace Seal.Learning;

/// <summary>
/// The files of a run: <c>settings.json</c>, <c>run.db</c>, <c>adapters/ID/</c> (the kept candidates' adapters), <c>policy/round-N/</c>,
/// <c>environment.json</c>, <c>report.md</c>. A folder belongs to its settings: another run gets another folder.
/// </summary>
public sealed class RunFolder
{
    private readonly string _path;

    private RunFolder(string path) => _path = path;

    /// <summary>Makes the folder, or finds the one that the same settings made.</summary>
    /// <exception cref="SealException">It holds a run with other settings, or cannot be written.</exception>
    public static RunFolder Prepare<T>(string path, T settings)
    {
        string file = Path.Combine(path, "settings.json"), text = SettingsText.Write(settings);
        try
        {
            Directory.CreateDirectory(path);
            if (!File.Exists(file))
                AtomicFile.WriteText(file, text);
            else if (File.ReadAllText(file) != text)
                throw new SealException($"{file}: this folder holds a run with other settings; give the same ones to continue it, or another folder");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{path}: cannot be used as a run folder ({error.Message})", error);
        }
        return new RunFolder(path);
    }

    /// <summary>Where the policy's adapter of a round is.</summary>
    public string Policy(int round) => Policy(_path, round);

    /// <summary>The same, of a folder that is only read.</summary>
    public static string Policy(string folder, int round) => Path.Combine(folder, "policy", $"round-{round}");

    /// <summary>Where a candidate's adapter is.</summary>
    public string Adapter(string id) => Path.Combine(_path, "adapters", id[..16]);

    /// <summary>Writes the adapters of a finished group, before the journal knows of it: a job in the journal has its adapter.</summary>
    public void KeepAdapters(IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)> group, AdapterTrainer trainer)
    {
        for (int slot = 0; slot < group.Count; slot++)
            trainer.Adapter(slot).Write(Adapter(group[slot].Job.Id));
    }

    /// <summary>Removes the adapters of candidates that were not kept.</summary>
    public void DropAdaptersExcept(IEnumerable<Candidate> candidates, Func<Candidate, bool> kept)
    {
        // Two candidates of the same text are one job, with one adapter.
        foreach (IGrouping<string, Candidate> same in candidates.GroupBy(candidate => candidate.Id))
            if (!same.Any(kept) && Directory.Exists(Adapter(same.Key)))
                Directory.Delete(Adapter(same.Key), recursive: true);
    }

    /// <summary>Notes what the run works with, for reports that are made when the model is gone. It names the machine that worked last.</summary>
    public void WriteEnvironment(RunEnvironment environment) => AtomicFile.WriteText(RunEnvironment.File(_path), SettingsText.Write(environment));

    public void WriteReport(RunReport report) => AtomicFile.WriteText(Path.Combine(_path, "report.md"), RunReportText.Write(report));
}
