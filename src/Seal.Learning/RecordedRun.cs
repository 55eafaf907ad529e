using System.Text.Json;
using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning;

/// <summary>
/// A run as its folder holds it, finished or not: settings, finished jobs, the policy of each round. Read once; the folder is never written.
/// </summary>
public sealed class RecordedRun
{
    // What a job is, apart from what computed it: without these two, the same trial has the same name on every backend.
    private static readonly string[] s_arithmetic = ["numerics", "dtype"];

    private static readonly JsonSerializerOptions s_whole = new(CanonicalJson.Options) { RespectRequiredConstructorParameters = true };

    private readonly Dictionary<(string Kind, string Inputs), JournalEntry> _jobs = [];

    private readonly string? _computedBy, _judge;

    private RecordedRun(string folder)
    {
        Folder = folder;
        string file = Path.Combine(folder, "settings.json");
        using RunJournal journal = RunJournal.Read(folder);
        if (!File.Exists(file))
            throw new SealException($"{file}: is missing; expected the folder of a run of `seal train`");
        Settings = RunSettings.Read(file, new RunSettings()).Validated();
        foreach (JournalEntry entry in journal.Entries())
        {
            JsonObject inputs = Inputs(entry);
            if (Text(inputs, "numerics") is { } numerics)
                RequireOne(ref _computedBy, $"{numerics}, {Text(inputs, "dtype")}");
            if (Text(inputs, "judge") is { } judge)
                RequireOne(ref _judge, judge);
            _jobs.Add((entry.Kind, Apart(inputs)), entry);
        }
    }

    public string Folder { get; }

    public RunSettings Settings { get; }

    /// <summary>Numerics and dtype of its jobs; empty for a run without any.</summary>
    public string ComputedBy => _computedBy ?? "";

    /// <summary>Name of its judge; null where no exam was sat.</summary>
    public string? Judge => _judge;

    public IEnumerable<JournalEntry> Jobs => _jobs.Values;

    /// <exception cref="SealException">The folder holds no run, its journal is damaged, or several backends wrote it.</exception>
    public static RecordedRun Read(string folder) => new(folder);

    /// <summary>The same job as the run did it, whatever computes now; null when it did not.</summary>
    public JournalEntry? Find(Job job) => _jobs.GetValueOrDefault((job.Kind, Apart(JsonNode.Parse(job.Inputs)!.AsObject())));

    /// <exception cref="SealException">It cannot be read as one.</exception>
    public T Result<T>(JournalEntry entry) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(entry.Result, s_whole) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw Damaged(entry, $"its result cannot be read ({error.Message})");
        }
    }

    /// <summary>The adapters merged into the policy that a round started from, in order.</summary>
    /// <exception cref="SealException">One that the journal speaks of is missing, or is another.</exception>
    public IReadOnlyList<LoraAdapter> PolicyBefore(int round, ModelConfig config)
    {
        var policy = new List<LoraAdapter>();
        foreach (JournalEntry update in Jobs.Where(job => job.Kind == "policy" && job.Round < round).OrderBy(job => job.Round))
        {
            string path = RunFolder.Policy(Folder, update.Round), digest = Result<PolicyRecord>(update).Adapter;
            LoraAdapter adapter = LoraAdapter.Read(path, config);
            if (adapter.Digest != digest)
                throw new SealException($"{path}: has the digest {adapter.Digest[..12]}, the journal says {digest[..Math.Min(12, digest.Length)]}; round {round} started from another adapter than this");
            policy.Add(adapter);
        }
        return policy;
    }

    internal SealException Damaged(JournalEntry entry, string what) => new(
        $"{Path.Combine(Folder, "run.db")}: the {entry.Kind} job {entry.Id[..Math.Min(16, entry.Id.Length)]} of round {entry.Round} was changed or damaged: {what}; restore the journal, or run again in another folder");

    private JsonObject Inputs(JournalEntry entry)
    {
        if (new Job(entry.Kind, entry.Round, entry.Inputs).Id != entry.Id)
            throw Damaged(entry, "its inputs do not give its id");
        try
        {
            return JsonNode.Parse(entry.Inputs) as JsonObject ?? throw new JsonException("no object");
        }
        catch (JsonException error)
        {
            throw Damaged(entry, $"its inputs cannot be read ({error.Message})");
        }
    }

    private void RequireOne(ref string? known, string now)
    {
        if (known is not null && known != now)
            throw new SealException($"{Path.Combine(Folder, "run.db")}: holds jobs of '{known}' and of '{now}'; expected a run that one backend, machine and judge did from beginning to end");
        known = now;
    }

    private static string Apart(JsonObject inputs)
    {
        var rest = (JsonObject)inputs.DeepClone();
        foreach (string name in s_arithmetic)
            rest.Remove(name);
        return CanonicalJson.Serialize<JsonNode>(rest);
    }

    private static string? Text(JsonObject inputs, string name) => inputs[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
