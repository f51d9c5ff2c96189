// Searches, and reads why a search was refused, with protos of the bundle: client.mjs BUNDLE ADDRESS.
import grpc from '@grpc/grpc-js'
import loader from '@grpc/proto-loader'

const [bundle, address] = process.argv.slice(2)
const loaded = loader.loadSync(['zhaohuo/v1/search_service.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [bundle], keepCase: true, enums: String, defaults: true,
})
const { zhaohuo } = grpc.loadPackageDefinition(loaded)
const search = new zhaohuo.v1.SearchService(address, grpc.credentials.createInsecure())
const ask = (question) => new Promise((answered, refused) =>
  search.KeywordSearch(question, (error, answer) => (error ? refused(error) : answered(answer))))

const read = (name, bytes) => loaded[name].deserialize(bytes)

const answer = await ask({ keyword: '手机壳' })
console.log(answer.products[0].title ? 'goods' : 'nothing')
try {
  await ask({ keyword: '手机壳', page_size: -1 })
} catch (error) {
  const status = read('google.rpc.Status', error.metadata.get('grpc-status-details-bin')[0])
  const details = {}
  for (const { type_url: url, value } of status.details) {
    const name = url.split('/').pop()
    if (loaded[name]) details[name] = read(name, value)
  }
  console.log(details['google.rpc.ErrorInfo'].reason, details['google.rpc.BadRequest'].field_violations[0].field)
}
search.close()
