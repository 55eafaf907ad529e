namespace Seal.Cli;

/// <summary>What a script can tell from how the program ended. Documented in <c>seal --help</c>.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>A check failed, or a file or setting cannot be used.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>An endpoint gave no answer: the same command can be run again later.</summary>
    public const int Unavailable = 3;

    /// <summary>Ctrl-C: 128 + SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;
}
