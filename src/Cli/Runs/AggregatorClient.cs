using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

/// <summary>Asks an aggregator's HTTP API; whatever goes wrong is a sentence.</summary>
internal sealed class AggregatorClient : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(100);

    // An answer that lacks something is another version's, or nobody's.
    public static readonly JsonSerializerOptions Format =
        new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    private readonly HttpClient http;
    private readonly Uri? proxy;

    /// <param name="server">Address of the aggregator, such as <c>http://localhost:8080</c>.</param>
    /// <param name="key">The aggregator's key; null or empty: none is sent.</param>
    /// <exception cref="StartupException">It is no address.</exception>
    public AggregatorClient(string server, string? key)
    {
        if (!Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw new StartupException($"--server is '{server}', which is no address; write it as http://localhost:8080.");

        // A proxy is asked to reach other machines; this one it could not reach.
        proxy = address.IsLoopback || HttpClient.DefaultProxy.IsBypassed(address) ? null : HttpClient.DefaultProxy.GetProxy(address);
        http = new HttpClient(new SocketsHttpHandler { UseProxy = proxy is not null }) { BaseAddress = address, Timeout = AnswersWithin };
        if (!string.IsNullOrEmpty(key))
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Address => http.BaseAddress!;

    /// <summary>The address in a sentence, with the proxy that stands before it, but not its password.</summary>
    private string Place => proxy is null ? $"{Address}" : $"{Address} (through the proxy {proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)} of the environment)";

    /// <param name="path">Below the server's address, without a slash in front.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    /// <exception cref="StartupException">There is no such answer; the message says why and what to do.</exception>
    public Task<T> Get<T>(string path, CancellationToken cancellationToken) => Send<T>(() => http.GetAsync(path, cancellationToken), cancellationToken);

    /// <param name="path">Below the server's address, without a slash in front.</param>
    /// <param name="body">Sent as JSON.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    /// <exception cref="StartupException">It was not done; the message says why and what to do.</exception>
    public Task<T> Post<T>(string path, object body, CancellationToken cancellationToken) =>
        Send<T>(() => http.PostAsJsonAsync(path, body, Format, cancellationToken), cancellationToken);

    /// <summary>Server-sent events, each with its type, its id and its data, until the server ends them or is gone.</summary>
    /// <exception cref="StartupException">There are none; the message says why and what to do.</exception>
    public async IAsyncEnumerable<SseItem<string>> Events(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await Answered(
            () => http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken), cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var events = SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await Next())
            yield return events.Current;

        // A connection that breaks ends the events; whoever wants more asks anew.
        async Task<bool> Next()
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                return false;
            }
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<T> Send<T>(Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var response = await Answered(send, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Format, cancellationToken) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new StartupException($"What answers at {Place} is no aggregator of this version; check the address.");
        }
    }

    private async Task<HttpResponseMessage> Answered(Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        try
        {
            var response = await send();
            if (!response.IsSuccessStatusCode)
                throw new StartupException(await Problem(response, cancellationToken));
            return response;
        }
        catch (HttpRequestException exception)
        {
            throw new StartupException(
                $"No aggregator answers at {Place} ({exception.GetBaseException().Message.TrimEnd('.')}); check the address and that it runs.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartupException($"The server at {Place} did not answer within {AnswersWithin.TotalSeconds:0} s; try again.");
        }
    }

    private async Task<string> Problem(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                && await response.Content.ReadFromJsonAsync<ProblemAnswer>(cancellationToken) is { Detail: { Length: > 0 } detail })
                return detail;
        }
        catch (JsonException)
        {
            // Then the status must do.
        }

        return response.StatusCode is HttpStatusCode.NotFound
            ? $"What answers at {Place} does not know {response.RequestMessage?.RequestUri?.AbsolutePath}; check the address, and that the aggregator is of this version."
            : $"The server at {Place} answered with status {(int)response.StatusCode}; its log says why.";
    }

    private sealed record ProblemAnswer(string? Detail);
}
