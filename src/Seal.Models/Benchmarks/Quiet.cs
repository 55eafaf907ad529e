namespace Seal.Models.Benchmarks;

/// <summary>Between two timed calls.</summary>
internal static class Quiet
{
    /// <summary>
    /// Threads of OpenMP spin for milliseconds after a call and take a core from whoever runs next: until they sleep, nothing is timed, on
    /// either side.
    /// </summary>
    public static void Await() => Thread.Sleep(20);
}
