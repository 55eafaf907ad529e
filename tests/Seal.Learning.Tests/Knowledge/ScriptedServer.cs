using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Seal.Learning.Tests.Knowledge;

/// <summary>An HTTP server on the loopback that answers each request as the test says.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly ConcurrentQueue<Request> _requests = new();

    public ScriptedServer(Func<Request, (int Status, string Body)> script)
    {
        (_listener, Address) = Start();
        _ = Serve(script);
    }

    public readonly record struct Request(string Path, string? Authorization, string Body);

    /// <summary>As a judge is given it, the version included.</summary>
    public Uri Address { get; }

    public IReadOnlyCollection<Request> Requests => _requests;

    public void Dispose() => _listener.Close();

    // HttpListener cannot pick a free port by itself; one that was free a moment ago may be taken, then the next is tried.
    private static (HttpListener, Uri) Start()
    {
        while (true)
        {
            int port;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            var listener = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
            try
            {
                listener.Start();
                return (listener, new Uri($"http://127.0.0.1:{port}/v1"));
            }
            catch (HttpListenerException)
            {
                listener.Close();
            }
        }
    }

    private async Task Serve(Func<Request, (int Status, string Body)> script)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => Answer(context, script));
        }
    }

    private void Answer(HttpListenerContext context, Func<Request, (int Status, string Body)> script)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var request = new Request(context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"], reader.ReadToEnd());
            _requests.Enqueue(request);
            (int status, string body) = script(request);
            context.Response.StatusCode = status;
            context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The judge gave up waiting or the test is over.
        }
    }
}
