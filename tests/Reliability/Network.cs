using System.Net;
using System.Net.Sockets;

namespace FedQueue.Reliability;

internal static class Network
{
    /// <summary>A port that nobody listens on, and that no outgoing connection gets while its listener is away.</summary>
    public static int FreePort()
    {
        // Linux and macOS take outgoing ports from 32768 upwards. A client that tries to reach an absent listener there
        // may be given that very port, and then talks to itself.
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one will not be.
            }
        }
    }

    /// <summary>True when a server behind the port answers the first bytes of its protocol: Docker accepts connections for one that does not run.</summary>
    public static async Task<bool> Answers(int port, byte[] hello, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            await client.GetStream().WriteAsync(hello, limit.Token);
            return await client.GetStream().ReadAsync(new byte[1], limit.Token) == 1;
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
