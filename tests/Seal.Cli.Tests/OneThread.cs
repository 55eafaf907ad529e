namespace Seal.Cli.Tests;

/// <summary>The models here are too small to gain from threads.</summary>
[SetUpFixture]
public class OneThread
{
    [OneTimeSetUp]
    public void Set() => Environment.SetEnvironmentVariable("SEAL_THREADS", "1");
}
