using System.Xml.Linq;
using FedQueue.Aggregator.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>Keeps in the database the keys of what pages give to browsers, so that each of several aggregators takes what another has given.</summary>
internal sealed class DatabaseKeys(IServiceScopeFactory scopes) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;

    public IReadOnlyCollection<XElement> GetAllElements() => [.. InDatabase(db => db.Keys.AsNoTracking().ToListAsync()).Select(key => XElement.Parse(key.Xml))];

    public void StoreElement(XElement element, string friendlyName) => InDatabase(async db =>
    {
        await db.Transact(() =>
        {
            db.Keys.Add(new KeyRow { Xml = element.ToString(SaveOptions.DisableFormatting) });
            return Task.CompletedTask;
        }, CancellationToken.None);
        return true;
    });

    /// <summary>The framework's interface does not wait; no context of ours could be blocked by it.</summary>
    private T InDatabase<T>(Func<FedQueueDbContext, Task<T>> work) => Task.Run(async () =>
    {
        await using var scope = scopes.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>());
    }).GetAwaiter().GetResult();
}
