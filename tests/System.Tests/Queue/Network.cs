using System.Net;
using System.Net.Sockets;

namespace FedQueue.System.Tests.Queue;

internal static class Network
{
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
