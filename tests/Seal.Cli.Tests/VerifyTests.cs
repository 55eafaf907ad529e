using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class VerifyTests
{
    [Test]
    public void TheTinyGoldensPass()
    {
        Ran ran = RunSeal("verify", SharedFolder.Require("goldens", "llama-tied"), SharedFolder.Require("goldens", "README.md"));
        Assert.That(ran.Exit, Is.Zero, ran.Out + ran.Error);
        Assert.That(ran.Out, Does.Contain("pass  forward logits").And.Contain("pass  training/single final weights").And.Contain("README.md: skipped"));
        Assert.That(ran.Out, Does.EndWith("1 passed, 0 failed, 1 skipped\n"));
    }

    [Test]
    public void OneFolderThatCannotBeUsedDoesNotHideTheOthers()
    {
        using var model = new TinyModel();
        using var work = new WorkFolder();
        work.Write("good/golden.json", Tokenizer(model, ids: ['S']));
        work.Write("broken/golden.json", "{");
        work.Write("unsupported/golden.json", """{"format": 1, "weather": "fine"}""");
        Directory.CreateDirectory(work["empty"]);
        JsonNode json = RunSeal("verify", "--json", work["broken"], work["empty"], work["absent"], work["unsupported"], work["good"]).Json;
        Assert.That(json["folders"]!.AsArray().Select(folder => (string)folder!["status"]!), Is.EqualTo(new[] { "failed", "failed", "failed", "skipped", "passed" }));
        Assert.That((bool)json["passed"]!, Is.False);
        Assert.That((string)json["folders"]![0]!["message"]!, Does.Contain("golden.json"));
    }

    [Test]
    public void ADifferenceIsAFailureAndExitCode1()
    {
        using var model = new TinyModel();
        using var work = new WorkFolder();
        work.Write("wrong/golden.json", Tokenizer(model, ids: [0]));
        Ran ran = RunSeal("verify", work["wrong"]);
        Assert.That(ran.Exit, Is.EqualTo(1));
        Assert.That(ran.Out, Does.Contain("FAIL  tokenizer texts that differ").And.Contain("error 1").And.Contain("limit 0"));
        Assert.That(ran.Error, Is.Empty);
    }

    // The vocabulary lists the bytes in order, so 'S' has the id of its byte.
    private static string Tokenizer(TinyModel model, int[] ids) => new JsonObject
    {
        ["format"] = 1,
        ["tokenizer_file"] = Path.Combine(model.Folder, "tokenizer.json"),
        ["tokenizer"] = new JsonArray(new JsonObject { ["text"] = "S", ["ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]), ["decoded"] = "S" }),
    }.ToJsonString();
}
