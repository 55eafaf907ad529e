using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class HelpTests
{
    [TestCase("seal")]
    [TestCase("seal train")]
    [TestCase("seal adapt")]
    [TestCase("seal evaluate")]
    [TestCase("seal generate")]
    [TestCase("seal verify")]
    [TestCase("seal journal")]
    [TestCase("seal replay")]
    [TestCase("seal report")]
    [TestCase("seal doctor")]
    [TestCase("seal kernels")]
    [TestCase("seal kernels test")]
    [TestCase("seal kernels grad")]
    [TestCase("seal kernels perf")]
    [TestCase("seal kernels support")]
    [TestCase("seal bench")]
    [TestCase("seal bench inner-step")]
    [TestCase("seal bench decode")]
    [TestCase("seal bench oversubscribed")]
    [TestCase("seal bench plan")]
    public void HelpIsAsApproved(string line)
    {
        Ran ran = RunSeal([.. line.Split(' ')[1..], "--help"]);
        Assert.That((ran.Exit, ran.Error), Is.EqualTo((0, "")));
        Snapshot.AssertMatches("help " + line, ran.Out);
    }

    [Test]
    public void WithoutArgumentsItShowsHelp() => Assert.That(RunSeal().Out, Is.EqualTo(RunSeal("--help").Out));

    [TestCase("verify")]
    [TestCase("verify --dtype f8 x")]
    [TestCase("evaluat")]
    [TestCase("generate --model m --prompt a --chat b")]
    [TestCase("generate --model m --prompt a --system b")]
    [TestCase("generate --model m")]
    [TestCase("generate --prompt a")]
    [TestCase("generate --model m --prompt a --n many")]
    [TestCase("evaluate --model m --passages p --judge-model grader")]
    [TestCase("train --model m --passages p")]
    [TestCase("replay")]
    [TestCase("report")]
    [TestCase("replay run --seeds many")]
    public void AWrongLineIsOneLineAndExitCode2(string line)
    {
        Ran ran = RunSeal(line.Split(' '));
        Assert.That(ran.Exit, Is.EqualTo(2));
        Assert.That(ran.Out, Is.Empty);
        Assert.That(ran.Error, Does.Match(@"\Aseal: [^\n]+; see `seal( \w+)? --help`\n\z"));
    }
}
