using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Asks a model behind any OpenAI-compatible endpoint (<c>POST chat/completions</c>) with the published prompt and rule.
/// A verdict is asked for once: it is kept under the hash of everything that was asked. A failing endpoint is retried and then an
/// exception, never a verdict.
/// </summary>
public sealed class EndpointJudge : IJudge
{
    private readonly HttpClient _http;
    private readonly EndpointJudgeSettings _settings;
    private readonly VerdictStore _verdicts;
    private readonly Uri _address;

    /// <param name="http">Its own timeout should not be shorter than the settings'; not disposed here.</param>
    /// <param name="settings">Endpoint, model, retries.</param>
    /// <param name="verdicts">Earlier verdicts; a fresh store when absent.</param>
    public EndpointJudge(HttpClient http, EndpointJudgeSettings settings, VerdictStore? verdicts = null)
    {
        if (!settings.BaseAddress.IsAbsoluteUri || settings.BaseAddress.Scheme is not ("http" or "https"))
            throw new SealException($"judge endpoint '{settings.BaseAddress}': expected an address such as https://api.openai.com/v1.");
        _http = http;
        _settings = settings;
        _verdicts = verdicts ?? new VerdictStore();
        _address = new Uri(settings.BaseAddress.AbsoluteUri.TrimEnd('/') + "/chat/completions");
    }

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"endpoint: {_settings.Model}, temperature {_settings.Temperature?.ToString() ?? "its own"}");

    /// <inheritdoc/>
    public IReadOnlyList<bool> Judge(IReadOnlyList<GivenAnswer> answers, CancellationToken cancel = default)
    {
        bool?[] verdicts = new bool?[answers.Count];
        var asked = new Dictionary<string, (string Prompt, List<int> Places)>();
        for (int i = 0; i < answers.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(answers[i].Text))
            {
                verdicts[i] = false;
                continue;
            }
            string prompt = JudgePrompt.Render(answers[i]), hash = Hash(prompt);
            verdicts[i] = _verdicts.Find(hash);
            if (verdicts[i] is not null)
                continue;
            if (!asked.TryGetValue(hash, out (string, List<int> Places) question))
                asked[hash] = question = (prompt, []);
            question.Places.Add(i);
        }
        var options = new ParallelOptions { MaxDegreeOfParallelism = _settings.Parallel, CancellationToken = cancel };
        try
        {
            // A failure stops new requests; what was answered until then is kept, so that trying again later asks only for the rest.
            System.Threading.Tasks.Parallel.ForEach(asked, options, question =>
            {
                bool verdict = JudgePrompt.SaysYes(Ask(question.Value.Prompt, cancel));
                _verdicts.Keep(question.Key, verdict);
                foreach (int place in question.Value.Places)
                    verdicts[place] = verdict;
            });
        }
        catch (AggregateException e)
        {
            cancel.ThrowIfCancellationRequested();
            Exception first = e.Flatten().InnerExceptions[0];
            throw first is JudgeUnavailableException ? first : new JudgeUnavailableException($"judge {_settings}: {first.Message}", first);
        }
        return verdicts.Select(v => v!.Value).ToArray();
    }

    private string Hash(string prompt) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{prompt}")));

    private string Ask(string prompt, CancellationToken cancel)
    {
        TimeSpan wait = _settings.FirstDelay;
        for (int attempt = 1; ; attempt++)
        {
            Reply reply = AskOnce(prompt, cancel);
            if (reply.Text is not null)
                return reply.Text;
            if (!reply.WorthRetrying || attempt >= _settings.Attempts)
                throw new JudgeUnavailableException(
                    $"judge {_settings}: no verdict after {attempt} attempt(s): {reply.Problem} Check the address, the model's name and the key, and run the same command again.");
            TimeSpan asked = reply.RetryAfter ?? wait;
            cancel.WaitHandle.WaitOne(asked < _settings.LongestDelay ? asked : _settings.LongestDelay);
            cancel.ThrowIfCancellationRequested();
            wait *= 2;
        }
    }

    private readonly record struct Reply(string? Text, string Problem, bool WorthRetrying, TimeSpan? RetryAfter);

    private Reply AskOnce(string prompt, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = Body(prompt) };
        if (_settings.ApiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _settings.ApiKey);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_settings.Timeout);
        try
        {
            using HttpResponseMessage response = _http.Send(request, limit.Token);
            using var reader = new StreamReader(response.Content.ReadAsStream(limit.Token));
            string body = reader.ReadToEnd();
            if (response.IsSuccessStatusCode)
                return Parse(body);
            bool temporary = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500;
            return new Reply(null, $"HTTP {(int)response.StatusCode}: {Start(body)}", temporary, response.Headers.RetryAfter?.Delta);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Reply(null, $"no reply within {_settings.Timeout.TotalSeconds:0} s.", true, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Reply(null, e.Message, true, null);
        }
    }

    private ByteArrayContent Body(string prompt)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = _settings.Model,
            ["messages"] = new[] { new { role = "user", content = prompt } },
        };
        if (_settings.Temperature is double temperature)
            body["temperature"] = temperature;
        return new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    // A reply without text (a proxy's page, a reasoning model that spent its tokens) is no verdict.
    private static Reply Parse(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            string? text = json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
            return string.IsNullOrWhiteSpace(text) ? new Reply(null, "the reply's content is empty.", true, null) : new Reply(text, "", false, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            return new Reply(null, $"expected a JSON reply with choices[0].message.content, got: {Start(body)}", true, null);
        }
    }

    private static string Start(string body) => body.Length <= 200 ? body.Trim() : body[..200].Trim() + "...";
}
