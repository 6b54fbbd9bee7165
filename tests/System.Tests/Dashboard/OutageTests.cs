using System.Data.Common;
using System.Security.Claims;
using FedQueue.Aggregator.Dashboard;
using FedQueue.Aggregator.Storage;
using FedQueue.Aggregator;
using FedQueue.System.Tests.OneProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.JSInterop;
using Radzen;

namespace FedQueue.System.Tests.Dashboard;

/// <summary>The dashboard while the database goes away, at each of its commands in turn; drawn as the server draws it, without a browser.</summary>
public sealed class OutageTests : IAsyncLifetime
{

    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private readonly Commands commands = new();
    private WebApplication server = null!;

    public async Task InitializeAsync()
    {
        var database = Path.Combine(folder.Path, "fedqueue.db");
        await ShownRuns.Fill(database);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("FedQueue:Storage:Database", database)]);
        builder.Services.AddSingleton<TimeProvider>(clock).AddAggregator()
            .ConfigureDbContext<SqliteDbContext>(db => db.AddInterceptors(commands))
            .AddRazorComponents().AddInteractiveServerComponents().Services
            .AddAuthorization().AddCascadingAuthenticationState().AddScoped<AuthenticationStateProvider, Somebody>()
            .AddRadzenComponents().AddScoped<IJSRuntime, NoBrowser>().AddScoped<NavigationManager, NoAddress>();
        server = builder.Build();
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [Theory]
    [InlineData(typeof(RunsPage), "cancelled")]
    [InlineData(typeof(RunPage), "After round 3|of task_1|What it is good for|evaluation", nameof(RunPage.Id), ShownRuns.Completed)]
    [InlineData(typeof(ErrorChart), "After round 3", nameof(ErrorChart.RunId), ShownRuns.Completed, nameof(ErrorChart.Names), "task_1")]
    [InlineData(typeof(ForecastChart), "of task_1", nameof(ForecastChart.RunId), ShownRuns.Completed, nameof(ForecastChart.Names), "task_1")]
    [InlineData(typeof(RoundTable), "evaluation", nameof(RoundTable.RunId), ShownRuns.Completed)]
    [InlineData(typeof(HistoryTable), "run completed", nameof(HistoryTable.RunId), ShownRuns.Completed)]
    [InlineData(typeof(QuarantineTable), "No more.", nameof(QuarantineTable.RunId), ShownRuns.Completed)]
    public async Task What_cannot_be_read_is_said_and_read_again(Type part, string whole, params string[] parameters)
    {
        var given = ParameterView.FromDictionary(parameters.Chunk(2).ToDictionary(
            pair => pair[0], pair => (object?)(pair[0] == nameof(ErrorChart.Names) ? new List<string> { pair[1] } : pair[1])));
        commands.FailAt(0);
        await using (var screen = new Screen(server.Services))
            await screen.Draws(part, given, IsWhole);
        var count = commands.Count;
        Assert.InRange(count, 1, 100);

        for (var failing = 1; failing <= count; failing++)
        {
            commands.FailAt(failing);
            await using var screen = new Screen(server.Services);

            // A table that is read twice while a page is drawn may have got over it before anybody looks.
            await screen.Draws(part, given, html => IsAway(html) || IsWhole(html));
            await screen.Shows(html =>
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                return IsWhole(html) && !IsAway(html);
            });
        }

        bool IsWhole(string html) => whole.Split('|').All(text => html.Contains(text, StringComparison.Ordinal));

        static bool IsAway(string html) => html.Contains("The database does not answer (", StringComparison.Ordinal);
    }

    /// <summary>Fails one of the commands to the database, as a disk does.</summary>
    private sealed class Commands : DbCommandInterceptor
    {
        private const int SqliteIoError = 10;
        private int failing;
        private int count;

        public int Count => count;

        public void FailAt(int number) => (failing, count) = (number, 0);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref count) == failing ? throw new SqliteException("disk I/O error", SqliteIoError) : new(result);
    }

    /// <summary>Draws as for a browser that is connected, which the framework's renderer of pages for a file is not.</summary>
    private sealed class Screen(IServiceProvider services) : StaticHtmlRenderer(services, NullLoggerFactory.Instance)
    {
        private Exception? stopped;
        private HtmlRootComponent root;

        protected override RendererInfo RendererInfo { get; } = new("Server", isInteractive: true);

        public Task Draws(Type part, ParameterView parameters, Predicate<string> expected)
        {
            _ = Dispatcher.InvokeAsync(() => root = BeginRenderingComponent(part, parameters));
            return Shows(expected);
        }

        public Task Shows(Predicate<string> expected) => Eventually.Holds(async () =>
        {
            Assert.Null(stopped);
            return expected(await Html());
        }, () => Html().GetAwaiter().GetResult());

#pragma warning disable BL0006 // Says that what was drawn is to be seen, without a look at it.
        protected override Task UpdateDisplayAsync(in RenderBatch renderBatch) => Task.CompletedTask;
#pragma warning restore BL0006

        protected override void HandleException(Exception exception) => stopped = exception;

        private Task<string> Html() => Dispatcher.InvokeAsync(root.ToHtmlString);
    }

    /// <summary>Answers with nothing, and with an empty rectangle whoever asks for the size of a chart.</summary>
    private sealed class NoBrowser : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) =>
            new(typeof(TValue).GetConstructor([]) is null ? default! : Activator.CreateInstance<TValue>());

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);
    }

    /// <summary>Who has the key.</summary>
    private sealed class Somebody : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([], "key"))));
    }

    private sealed class NoAddress : NavigationManager
    {
        public NoAddress() => Initialize("http://localhost/", "http://localhost/");
    }
}
