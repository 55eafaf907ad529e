using System.Net;
using System.Text.Json;
using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Knowledge;

public sealed class EndpointJudgeTests
{
    private static readonly GivenAnswer Right = new("Topic: T\nWho?", "Ada", " Ada Lovelace \n");

    [TestCase("Yes.", true)]
    [TestCase("no", false)]
    [TestCase("Yes, no doubt", false)]
    [TestCase("", false)]
    [TestCase("yesterday", false)]
    [TestCase("'YES'", true)]
    [TestCase("I know: yes", true)]
    public void Yes_is_a_whole_word_without_a_no(string reply, bool yes) => Assert.That(JudgePrompt.SaysYes(reply), Is.EqualTo(yes));

    [Test]
    public void Asks_with_the_published_prompt()
    {
        using var server = new ScriptedServer(_ => Says("yes"));
        Assert.That(Judge(server).Judge([Right]), Is.EqualTo(new[] { true }));
        using JsonDocument body = JsonDocument.Parse(server.Requests.Single().Body);
        Assert.That(server.Requests.Single().Path, Is.EqualTo("/v1/chat/completions"));
        Assert.That(server.Requests.Single().Authorization, Is.EqualTo("Bearer secret"));
        Assert.That(body.RootElement.GetProperty("model").GetString(), Is.EqualTo("grader"));
        Assert.That(body.RootElement.GetProperty("temperature").GetDouble(), Is.Zero);
        JsonElement message = body.RootElement.GetProperty("messages").EnumerateArray().Single();
        Assert.That(message.GetProperty("role").GetString(), Is.EqualTo("user"));
        Assert.That(message.GetProperty("content").GetString(), Is.EqualTo(
            "You are a grading assistant. Your job is to determine whether a student's answer correctly answers the question based solely on the provided gold answer. "
            + "Do not use any outside knowledge. The student answer can include additional information, but it must at least fully convey the gold answer and must not contradict it. "
            + "Ignore style, phrasing, or extra details that do not affect correctness. Respond ONLY with 'yes' or 'no'.\n\n"
            + "Question: Topic: T\nWho?\nGold answer: Ada\nStudent answer: Ada Lovelace\nIs the student answer correct based solely on the gold answer? Respond 'yes' or 'no'."));
    }

    [Test]
    public void Verdicts_keep_their_order_and_blanks_are_wrong_unasked()
    {
        using var server = new ScriptedServer(r => Says(r.Body.Contains("Ada Lovelace", StringComparison.Ordinal) ? "yes" : "no"));
        GivenAnswer wrong = Right with { Text = "Bob" }, blank = Right with { Text = " \n" };
        Assert.That(Judge(server).Judge([wrong, Right, blank, Right, wrong]), Is.EqualTo(new[] { false, true, false, true, false }));
        Assert.That(server.Requests, Has.Count.EqualTo(2), "the same answer is asked about once");
    }

    [Test]
    public void A_verdict_is_kept_across_judges_of_the_same_model()
    {
        using var server = new ScriptedServer(_ => Says("yes"));
        var kept = new VerdictStore();
        Judge(server, kept).Judge([Right]);
        Judge(server, kept).Judge([Right]);
        Assert.That(server.Requests, Has.Count.EqualTo(1));
        Judge(server, kept, s => s with { Model = "other" }).Judge([Right]);
        Assert.That(server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_busy_endpoint_is_asked_again()
    {
        int asked = 0;
        using var server = new ScriptedServer(_ => Interlocked.Increment(ref asked) switch { 1 => (429, "slow down"), 2 => (500, ""), 3 => (200, "<html>"), _ => Says("yes") });
        Assert.That(Judge(server).Judge([Right]), Is.EqualTo(new[] { true }));
        Assert.That(server.Requests, Has.Count.EqualTo(4));
    }

    [TestCase(503, "down", 3)]
    [TestCase(401, "bad key", 1)]
    [TestCase(404, "no such model", 1)]
    [TestCase(200, """{"choices": []}""", 3)]
    [TestCase(200, """{"choices": [{"message": {"content": ""}}]}""", 3)]
    [TestCase(200, """{"choices": [{"message": {"content": null}}]}""", 3)]
    public void A_failing_endpoint_is_never_a_wrong_answer(int status, string reply, int requests)
    {
        using var server = new ScriptedServer(_ => (status, reply));
        EndpointJudge judge = Judge(server, change: s => s with { Attempts = 3 });
        Assert.That(() => judge.Judge([Right]), Throws.TypeOf<JudgeUnavailableException>()
            .With.Message.Contains(server.Address.ToString()).And.Message.Contains($"{requests} attempt").And.Message.Not.Contains("secret"));
        Assert.That(server.Requests, Has.Count.EqualTo(requests));
    }

    [Test]
    public void What_was_judged_before_a_failure_is_not_asked_again()
    {
        bool down = true;
        using var server = new ScriptedServer(r => r.Body.Contains("Bob", StringComparison.Ordinal) && down ? (400, "no") : Says("yes"));
        EndpointJudge judge = Judge(server, change: s => s with { Parallel = 1 });
        Assert.That(() => judge.Judge([Right, Right with { Text = "Bob" }]), Throws.TypeOf<JudgeUnavailableException>());
        down = false;
        Assert.That(judge.Judge([Right, Right with { Text = "Bob" }]), Is.EqualTo(new[] { true, true }));
        Assert.That(server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public void Nobody_listening_and_no_reply_in_time_are_unavailable()
    {
        Uri closed;
        using (var server = new ScriptedServer(_ => Says("yes")))
            closed = server.Address;
        var settings = new EndpointJudgeSettings(closed, "grader") { Attempts = 2, FirstDelay = TimeSpan.FromMilliseconds(1) };
        Assert.That(() => new EndpointJudge(new HttpClient(), settings).Judge([Right]), Throws.TypeOf<JudgeUnavailableException>());

        using var hold = new ManualResetEventSlim();
        using var slow = new ScriptedServer(_ =>
        {
            hold.Wait(TimeSpan.FromSeconds(10));
            return Says("yes");
        });
        Assert.That(() => Judge(slow, change: s => s with { Attempts = 1, Timeout = TimeSpan.FromMilliseconds(50) }).Judge([Right]),
            Throws.TypeOf<JudgeUnavailableException>().With.Message.Contains("no reply within"));
        hold.Set();
    }

    [Test]
    public void A_cancelled_run_is_cancelled()
    {
        using var server = new ScriptedServer(_ => (503, ""));
        using var cancel = new CancellationTokenSource();
        EndpointJudge judge = Judge(server, change: s => s with { FirstDelay = TimeSpan.FromSeconds(30), Attempts = 9 });
        cancel.CancelAfter(50);
        Assert.That(() => judge.Judge([Right], cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void An_address_that_is_none_is_named() =>
        Assert.That(() => new EndpointJudge(new HttpClient(), new EndpointJudgeSettings(new Uri("file:///tmp"), "m")), Throws.TypeOf<SealException>().With.Message.Contains("file:///tmp"));

    private static EndpointJudge Judge(ScriptedServer server, VerdictStore? verdicts = null, Func<EndpointJudgeSettings, EndpointJudgeSettings>? change = null)
    {
        var settings = new EndpointJudgeSettings(server.Address, "grader") { ApiKey = "secret", FirstDelay = TimeSpan.FromMilliseconds(1) };
        return new EndpointJudge(new HttpClient(), change?.Invoke(settings) ?? settings, verdicts);
    }

    private static (int, string) Says(string text) => (200, JsonSerializer.Serialize(new { choices = new[] { new { message = new { role = "assistant", content = text } } } }));
}
