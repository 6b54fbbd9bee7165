using System.Net;
using System.Net.Sockets;

namespace FedQueue.System.Tests.Dashboard;

/// <summary>A proxy without sticky sessions: each connection goes to the next of its servers.</summary>
internal sealed class RoundRobin : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int[] ports;

    public RoundRobin(params int[] ports)
    {
        this.ports = ports;
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        for (var next = 0; ; next++)
            _ = Join(await listener.AcceptTcpClientAsync(), ports[next % ports.Length]);
    }

    private static async Task Join(TcpClient client, int port)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, port);
        await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
    }
}
