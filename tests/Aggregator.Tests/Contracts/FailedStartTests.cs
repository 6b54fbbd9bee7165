using System.Net.Sockets;
using FedQueue.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class FailedStartTests
{
    [Fact]
    public async Task What_has_started_ends_before_its_services_are_gone_when_the_start_fails()
    {
        var started = new Started();

        var status = await Startup.Run(() =>
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Services.AddHostedService(_ => started).AddHostedService<AddressTaken>();
            return builder.Build();
        });

        Assert.Equal(Startup.Unusable, status);
        Assert.Equal(["started", "ended", "disposed"], started.Happened);
    }

    private sealed class Started : IHostedService, IDisposable
    {
        public List<string> Happened { get; } = [];

        public Task StartAsync(CancellationToken cancellationToken) => Note("started");

        public Task StopAsync(CancellationToken cancellationToken) => Note("ended");

        public void Dispose() => Happened.Add("disposed");

        private Task Note(string what)
        {
            Happened.Add(what);
            return Task.CompletedTask;
        }
    }

    private sealed class AddressTaken : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            throw new IOException("Failed to bind", new SocketException((int)SocketError.AddressAlreadyInUse));

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
