namespace Seal.Learning.Knowledge;

/// <summary>Where the grading model is and how it is asked.</summary>
/// <param name="BaseAddress">Up to the version, as OpenAI-compatible servers give it: <c>https://api.openai.com/v1</c>, <c>http://localhost:8001/v1</c>.</param>
/// <param name="Model">The model's name there.</param>
public sealed record EndpointJudgeSettings(Uri BaseAddress, string Model)
{
    /// <summary>Sent as a bearer token; never part of a message or a cache key.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Sent with every request; null leaves it out, for models that refuse it.</summary>
    public double? Temperature { get; init; } = 0;

    /// <summary>How often one answer is asked about before giving up.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Wait after the first failure, doubled after each further one, unless the server names its own.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The longest wait between two attempts, even when the server asks for more.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one reply may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests under way at the same time.</summary>
    public int Parallel { get; init; } = 4;

    // A record prints every property by itself; the key must not reach a log that way.
    public override string ToString() => $"{Model} at {BaseAddress}";
}
