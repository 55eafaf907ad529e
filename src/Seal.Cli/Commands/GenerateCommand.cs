using System.CommandLine;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Cli.Commands;

/// <summary>Continues a text, or answers in the model's chat format.</summary>
internal static class GenerateCommand
{
    private sealed record Completion(string Text, int Tokens, FinishReason Finish, ulong Seed);

    public static Command Create(Terminal terminal)
    {
        var prompt = new Option<string?>("--prompt") { Description = "A text to continue", HelpName = "TEXT" };
        var promptFile = new Option<string?>("--prompt-file") { Description = "A file with a text to continue", HelpName = "FILE" };
        var chat = new Option<string?>("--chat") { Description = "A message to answer, in the model's chat format", HelpName = "MESSAGE" };
        var system = new Option<string?>("--system") { Description = "The system turn before --chat", HelpName = "TEXT" };
        var count = new Option<int>("--n") { Description = "How many continuations", HelpName = "K", DefaultValueFactory = _ => 1 };
        var temperature = new Option<float>("--temperature") { Description = "0 takes the likeliest token, 1 draws as the model says", HelpName = "T" };
        var topK = new Option<int>("--top-k") { Description = "Draw from the K likeliest tokens only; 0 = all", HelpName = "K" };
        var topP = new Option<float>("--top-p") { Description = "Draw from the likeliest tokens that hold this share only", HelpName = "P", DefaultValueFactory = _ => 1 };
        var seed = new Option<ulong>("--seed") { Description = "Root of all draws: the same seed gives the same texts", HelpName = "N", DefaultValueFactory = _ => 1 };
        var maxTokens = new Option<int>("--max-tokens") { Description = "Tokens of a continuation at most", HelpName = "N", DefaultValueFactory = _ => 256 };
        var stop = new Option<string[]>("--stop") { Description = "Stop before this text; repeatable", HelpName = "TEXT" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("generate", "Continue a text, or answer a message",
            new("ask an instruction-tuned model", "seal generate --model SmolLM2-135M-Instruct.Q4_1.gguf --chat \"Why is the sky blue?\""),
            new("three drawn continuations, with a learned adapter", "seal generate --model M --adapter out/apollo --prompt \"Apollo 11 was\" --n 3 --temperature 0.8 --seed 7"),
            new("a prompt from a pipe, up to the first blank line", "cat question.txt | seal generate --model M --stop $'\\n\\n'"));
        var model = new ModelOptions(command);
        model.Model.Required = true;
        foreach (Option option in (Option[])[prompt, promptFile, chat, system, count, temperature, topK, topP, seed, maxTokens, stop, json])
            command.Add(option);
        var backend = new BackendOptions(command);
        command.Validators.Add(line =>
        {
            int sources = new Option[] { prompt, promptFile, chat }.Count(option => line.GetResult(option) is not null);
            if (sources > 1)
                line.AddError("give one of --prompt, --prompt-file and --chat");
            if (line.GetResult(system) is not null && line.GetResult(chat) is null)
                line.AddError("--system belongs to --chat");
            if (sources == 0 && terminal.Input is null)
                line.AddError("nothing to continue: give --prompt, --prompt-file or --chat, or pipe a text in");
        });
        command.SetAction(line =>
        {
            int texts = Within(line.GetValue(count), 1, 10_000, "--n");
            SamplingSettings sampling = new SamplingSettings(line.GetValue(temperature), line.GetValue(topK), line.GetValue(topP)).Validated();
            int limit = Within(line.GetValue(maxTokens), 1, 1_000_000, "--max-tokens");
            string given = line.GetValue(prompt)
                ?? (line.GetValue(promptFile) is { } file ? InputText.Read(file) : line.GetValue(chat) ?? terminal.Input!.ReadToEnd());
            using Operators operators = backend.Open(line, terminal);
            using LanguageModel opened = ModelOptions.Open(line.GetRequiredValue(model.Model)!, line.GetValue(model.Adapters) ?? [], operators);
            string text = line.GetResult(chat) is null ? given : Conversation(opened, line.GetValue(system), given);
            int[] tokens = opened.Tokenizer.Encode(text);
            if (tokens.Length == 0)
                throw new SealException("the prompt is empty; give the model something to continue");
            ulong root = line.GetValue(seed);
            GenerationRequest[] requests = [.. Enumerable.Range(0, texts).Select(i => new GenerationRequest(
                tokens, limit, sampling, CounterRandom.Derive(root, $"continuation {i}"), Stop: line.GetValue(stop)))];
            Completion[] completions = Generate(terminal, opened, requests, limit);
            if (line.GetValue(json))
                terminal.Json(new { Model = line.GetValue(model.Model), Prompt = text, PromptTokens = tokens.Length, Completions = completions });
            else
                Print(terminal.Out, completions);
        });
        return command;
    }

    private static string Conversation(LanguageModel model, string? system, string message)
    {
        ChatTemplate template = model.ChatTemplate
            ?? throw new SealException("--chat: the model brings no chat template, it is a base model; use --prompt");
        ChatMessage[] turns = [new("user", message)];
        return model.Chat(template, system is null ? turns : [new ChatMessage("system", system), .. turns]);
    }

    private static Completion[] Generate(Terminal terminal, LanguageModel model, GenerationRequest[] requests, int limit) => terminal.Watch(meter =>
    {
        var throughput = new Throughput();
        int drawn = 0, most = requests.Length * limit;
        Generation[] generations = new Generator(model.Transformer, model.Tokenizer).Run(requests, null, step =>
        {
            drawn += step;
            meter.Report("generate", drawn, most, throughput.Of(drawn));
        }, terminal.Cancel);
        return generations.Select((g, i) => new Completion(g.Text, g.Tokens.Length, g.Finish, requests[i].Seed)).ToArray();
    });

    private static void Print(TextWriter output, Completion[] completions)
    {
        for (int i = 0; i < completions.Length; i++)
        {
            if (completions.Length > 1)
                output.WriteLine($"--- {i + 1} of {completions.Length} ---");
            output.WriteLine(completions[i].Text);
        }
    }

    private static int Within(int value, int low, int high, string option) =>
        value >= low && value <= high ? value : throw new SealException($"{option} is {value}; expected {low} to {high}");
}
