namespace Seal.Learning.Tests;

/// <summary>The models here are too small to gain from threads, and lose much to them where other programs run beside.</summary>
[SetUpFixture]
public class OneThread
{
    [OneTimeSetUp]
    public void Set()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SEAL_THREADS")))
            Environment.SetEnvironmentVariable("SEAL_THREADS", "1");
    }
}
