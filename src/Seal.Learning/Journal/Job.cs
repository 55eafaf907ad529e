namespace Seal.Learning.Journal;

/// <summary>
/// One unit of work, named by what determines it: the same inputs are the same job, in every run and on every machine.
/// </summary>
/// <param name="Kind">sample, adapt, policy, …</param>
/// <param name="Round">Outer round it belongs to; 0 = before the first.</param>
/// <param name="Inputs">Everything that determines the result, serialised canonically.</param>
public sealed record Job(string Kind, int Round, string Inputs)
{
    /// <summary>Changes when the meaning of a field or the arithmetic behind a result changes.</summary>
    public const int Version = 1;

    /// <summary>SHA-256 over version, kind and inputs. The round is where a job stands, not what it is.</summary>
    public string Id { get; } = CanonicalJson.Hash(new { Version, Kind, Inputs });

    public static Job Of<T>(string kind, int round, T inputs) => new(kind, round, CanonicalJson.Serialize(inputs));
}

/// <summary>A finished job as the journal holds it.</summary>
/// <param name="Result">Canonical JSON; no timings, so that it can be compared.</param>
/// <param name="Seconds">Wall time, shared evenly among the jobs of a lockstep group.</param>
public sealed record JournalEntry(string Id, string Kind, int Round, string Inputs, string Result, double Seconds);
