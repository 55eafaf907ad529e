using System.CommandLine;
using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Cli.Options;

/// <summary>Who grades answers: the local rule, or a model behind an endpoint.</summary>
internal sealed class JudgeOptions
{
    private readonly Option<string?> _endpoint = new("--judge-endpoint")
    {
        Description = "Let a model behind an OpenAI-compatible endpoint grade (https://api.openai.com/v1; key from SEAL_JUDGE_KEY); default: the local rule",
        HelpName = "URL",
    };

    private readonly Option<string?> _model = new("--judge-model") { Description = "The grading model's name there", HelpName = "NAME" };

    public JudgeOptions(Command command)
    {
        command.Add(_endpoint);
        command.Add(_model);
        command.Validators.Add(line =>
        {
            if (line.GetResult(_endpoint) is null != line.GetResult(_model) is null)
                line.AddError("--judge-endpoint and --judge-model go together");
        });
    }

    /// <exception cref="SealException">The endpoint is no address.</exception>
    public IJudge Open(ParseResult line)
    {
        if (line.GetValue(_endpoint) is not { } endpoint)
            return new LocalJudge();
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address))
            throw new SealException($"--judge-endpoint '{endpoint}': expected an address such as https://api.openai.com/v1");
        // Lives as long as the process: its time limits are the settings'.
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        return new EndpointJudge(http, new EndpointJudgeSettings(address, line.GetValue(_model)!)
        {
            ApiKey = Environment.GetEnvironmentVariable("SEAL_JUDGE_KEY"),
        });
    }
}
