using System.Security.Cryptography;
using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;
using Seal.Tests;

namespace Seal.Learning.Tests.Loop;

/// <summary>A tiny model, two tasks of a domain and settings that make an outer-loop run of a fraction of a second, or of a few.</summary>
internal sealed class TinyRun : IDisposable
{
    private readonly Temporary _temporary = new();
    private readonly TinyModel _model = new();

    /// <param name="domain">knowledge or few-shot.</param>
    public TinyRun(string domain = "knowledge")
    {
        if (domain == "few-shot")
        {
            Settings = FewShot(_temporary.File("tasks.json", ArcTasks), _temporary.File("solutions.json", Solutions));
            return;
        }
        SelfEditFile.Write(_temporary.File("passages.json"), Passages, _ => "");
        Settings = new RunSettings
        {
            Model = Model,
            Passages = _temporary.File("passages.json"),
            Candidates = 2,
            SelfEdit = new SelfEditSettings { MaxTokens = 12 },
            Trial = new TrialSettings
            {
                Inner = new InnerSettings { Lora = s_lora, Optimizer = new OptimizerSettings { LearningRate = 1e-2 }, Epochs = 2, BatchSequences = 2 },
                Exam = new ExamSettings { AnswerTokens = 4 },
                Lockstep = 3, // does not divide the trials: groups of the bare model and of adapters mix
            },
            // An untrained model writes noise, and every answer is improbable to it: without bar and floor there is something to choose from.
            Selection = new SelectionSettings { AboveBaseline = false, Floor = 20 },
            Policy = new PolicySettings { Lora = s_lora, Optimizer = new OptimizerSettings { LearningRate = 1e-2 }, Epochs = 2, BatchSequences = 1 },
        };
    }

    private static readonly LoraSettings s_lora = new(2, 4, [LoraTarget.QProj, LoraTarget.VProj, LoraTarget.DownProj]);

    // Flipped left to right; two by two, so that a prompt is short.
    private const string ArcTasks = """
        {
          "flip": {"train": [{"input": [[1, 2], [3, 4]], "output": [[2, 1], [4, 3]]}, {"input": [[5, 0], [0, 6]], "output": [[0, 5], [6, 0]]}], "test": [{"input": [[7, 8], [9, 0]]}]},
          "a | b": {"train": [{"input": [[1]], "output": [[2]]}, {"input": [[3]], "output": [[2]]}], "test": [{"input": [[7]]}]}
        }
        """;

    private const string Solutions = """{"flip": [[[8, 7], [0, 9]]], "a | b": [[[2]]]}""";

    private RunSettings FewShot(string tasks, string solutions)
    {
        RunSettings settings = FewShotSettings.Run(compat: false);
        return settings with
        {
            Model = Model,
            Candidates = 2,
            FewShot = settings.FewShot! with { Tasks = tasks, Solutions = solutions, MaxAnswerTokens = 4, MaxExercises = 3, MaxSteps = 2 },
            Trial = new TrialSettings
            {
                Inner = settings.Trial.Inner with { Lora = s_lora, Optimizer = settings.Trial.Inner.Optimizer with { Warmup = 1 } },
                Lockstep = 3,
            },
            // An untrained model solves nothing: what it finds likelier is chosen.
            Selection = new SelectionSettings { AboveBaseline = false, Floor = 20 },
            Policy = new PolicySettings { Lora = s_lora, Optimizer = new OptimizerSettings { LearningRate = 1e-2 }, Epochs = 1, BatchSequences = 1 },
        };
    }

    public static IReadOnlyList<Passage> Passages { get; } =
    [
        new("Elm", "Elms shed leaves.", [new Question("What do elms shed?", "leaves"), new Question("Who sheds?", "elms")]),
        new("Fog | Sea", "Fog is wet.", [new Question("What is wet?", "fog")]),
    ];

    public string Model => _model.Folder;

    public RunSettings Settings { get; }

    public Operators Operators { get; } = new TorchOperators(Device.Host, DType.F32);

    public string Folder(string name) => Path.Combine(_temporary.Folder, name);

    public RunReport Run(string folder, RunSettings? settings = null, IJudge? judge = null, Action<TrainingProgress>? progress = null, CancellationToken cancel = default) =>
        new RestEm(settings ?? Settings, Folder(folder), Operators, judge ?? new LocalJudge()) { Progress = progress }.Run(cancel);

    public string Canonical(string folder)
    {
        using RunJournal journal = RunJournal.Read(Folder(folder));
        return journal.Canonical();
    }

    public IReadOnlyList<JournalEntry> Entries(string folder)
    {
        using RunJournal journal = RunJournal.Read(Folder(folder));
        return [.. journal.Entries()];
    }

    /// <summary>Every file of a run but the journal and what a kill left unfinished, by its path in the folder, as a digest of its bytes.</summary>
    public SortedDictionary<string, string> Files(string folder) => new(
        Directory.EnumerateFiles(Folder(folder), "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith("run.db", StringComparison.Ordinal) && !path.EndsWith(".tmp", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(Folder(folder), path), path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);

    /// <summary>The folder's files as they stand now: what a process that is killed now leaves behind.</summary>
    public void Snapshot(string folder, string copy)
    {
        foreach (string path in Directory.EnumerateFiles(Folder(folder), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(Folder(copy), Path.GetRelativePath(Folder(folder), path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    public void Dispose()
    {
        Operators.Dispose();
        _model.Dispose();
        _temporary.Dispose();
    }
}
