/// <summary>
/// For a whole test assembly, hence outside any namespace. The tests' cases are too small to gain from threads, and lose much to
/// them where the other test projects run beside.
/// </summary>
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
