using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class GenerateTests
{
    private TinyModel _model = null!;

    [OneTimeSetUp]
    public void Make() => _model = new TinyModel();

    [OneTimeTearDown]
    public void Remove() => _model.Dispose();

    [Test]
    public void TheSameSeedGivesTheSameTexts()
    {
        string[] line = ["generate", "--model", _model.Folder, "--prompt", "the thing", "--n", "3", "--temperature", "1", "--max-tokens", "12", "--json"];
        JsonNode first = RunSeal([.. line, "--seed", "5"]).Json, again = RunSeal([.. line, "--seed", "5"]).Json, other = RunSeal([.. line, "--seed", "6"]).Json;
        Assert.That(again.ToJsonString(), Is.EqualTo(first.ToJsonString()));
        Assert.That(other["completions"]!.ToJsonString(), Is.Not.EqualTo(first["completions"]!.ToJsonString()));
        Assert.That(first["completions"]!.AsArray().Select(completion => (string)completion!["text"]!).Distinct().Count(), Is.EqualTo(3));
        Assert.That(first["completions"]!.AsArray().Select(completion => (int)completion!["tokens"]!), Has.All.LessThanOrEqualTo(12));
    }

    [Test]
    public void PromptFileAndPipeAreTheSame()
    {
        using var work = new WorkFolder();
        string file = work.Write("prompt.txt", "in the");
        string[] line = ["generate", "--model", _model.Folder, "--temperature", "1", "--max-tokens", "16"];
        Ran option = RunSeal([.. line, "--prompt", "in the"]), fromFile = RunSeal([.. line, "--prompt-file", file]), piped = RunSeal("in the", default, line);
        Assert.That(option.Exit, Is.Zero, option.Error);
        Assert.That(option.Out, Is.Not.Empty);
        Assert.That((fromFile.Out, piped.Out), Is.EqualTo((option.Out, option.Out)));
    }

    [Test]
    public void ChatGoesThroughTheModelsTemplate()
    {
        JsonNode json = RunSeal("generate", "--model", _model.Folder, "--chat", "Why?", "--system", "Be brief.", "--max-tokens", "2", "--json").Json;
        Assert.That((string)json["prompt"]!, Is.EqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"));
    }

    [Test]
    public void ABaseModelDoesNotChat()
    {
        using var silent = new TinyModel(chat: false);
        Ran ran = RunSeal("generate", "--model", silent.Folder, "--chat", "Why?");
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Is.EqualTo("seal: --chat: the model brings no chat template, it is a base model; use --prompt\n"));
    }

    [TestCase("--model", "/no/such/model", "--prompt", "a")]
    [TestCase("--prompt", "")]
    [TestCase("--prompt", "a", "--adapter", "/no/such/adapter")]
    [TestCase("--prompt", "a", "--top-p", "7")]
    [TestCase("--prompt", "a", "--n", "0")]
    [TestCase("--prompt", "a", "--max-tokens", "5000")]
    [TestCase("--prompt-file", "/no/such/file")]
    public void WhatCannotBeUsedIsOneLineAndExitCode1(params string[] rest)
    {
        Ran ran = RunSeal(["generate", .. rest[0] == "--model" ? Array.Empty<string>() : ["--model", _model.Folder], .. rest]);
        Assert.That(ran.Exit, Is.EqualTo(1), ran.Error);
        Assert.That(ran.Out, Is.Empty);
        Assert.That(ran.Error, Does.Match(@"\Aseal: [^\n]+\n\z").And.Not.Contain("internal"));
    }

    [Test]
    public void CancelledIs130()
    {
        Ran ran = RunSeal(null, new CancellationToken(canceled: true), "generate", "--model", _model.Folder, "--prompt", "a");
        Assert.That((ran.Exit, ran.Out, ran.Error), Is.EqualTo((130, "", "seal: cancelled.\n")));
    }
}
